{# Aggregate: some value of the group. #}
{% macro any_value(expression) -%}
  {{ return(adapter.dispatch('any_value', 'dbt')(expression)) }}
{%- endmacro %}

{# The standard function. #}
{% macro default__any_value(expression) -%}
  any_value({{ expression }})
{%- endmacro %}
