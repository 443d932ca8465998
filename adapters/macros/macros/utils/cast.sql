{# A value in another type. #}
{% macro cast(field, type) -%}
  {{ return(adapter.dispatch('cast', 'dbt')(field, type)) }}
{%- endmacro %}

{# Standard CAST. #}
{% macro default__cast(field, type) %}
    cast({{ field }} as {{ type }})
{% endmacro %}
