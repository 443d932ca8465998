{# Texts joined; null if one is null. #}
{% macro concat(fields) -%}
  {{ return(adapter.dispatch('concat', 'dbt')(fields)) }}
{%- endmacro %}

{# The standard operator. #}
{% macro default__concat(fields) -%}
  {{ fields | join(' || ') }}
{%- endmacro %}
