{# Whether the engine copies tables without copying their data. #}
{% macro can_clone_table() -%}
  {{ return(adapter.dispatch('can_clone_table', 'dbt')()) }}
{%- endmacro %}

{# Most cannot. #}
{% macro default__can_clone_table() -%}
  {{ return(false) }}
{%- endmacro %}
