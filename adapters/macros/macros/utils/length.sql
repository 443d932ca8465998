{# Number of characters of a text. #}
{% macro length(expression) -%}
  {{ return(adapter.dispatch('length', 'dbt')(expression)) }}
{%- endmacro %}

{# The standard function. #}
{% macro default__length(expression) %}

    length(
        {{ expression }}
    )
{%- endmacro %}
