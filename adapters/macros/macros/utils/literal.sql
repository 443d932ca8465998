{# A text between single quotes; quotes in it must be escaped already. #}
{% macro string_literal(value) -%}
  {{ return(adapter.dispatch('string_literal', 'dbt')(value)) }}
{%- endmacro %}

{# The standard form. #}
{% macro default__string_literal(value) -%}
  '{{ value }}'
{%- endmacro %}
