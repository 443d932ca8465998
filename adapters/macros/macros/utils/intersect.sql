{# Set operator: rows that both queries have. #}
{% macro intersect() -%}
  {{ return(adapter.dispatch('intersect', 'dbt')()) }}
{%- endmacro %}

{# The standard word. #}
{% macro default__intersect() %}

    intersect

{% endmacro %}
