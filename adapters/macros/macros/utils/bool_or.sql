{# Aggregate: whether any row of the group is true. #}
{% macro bool_or(expression) -%}
  {{ return(adapter.dispatch('bool_or', 'dbt')(expression)) }}
{%- endmacro %}

{# Most engines agree on the name. #}
{% macro default__bool_or(expression) -%}
  bool_or({{ expression }})
{%- endmacro %}
