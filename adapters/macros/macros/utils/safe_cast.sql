{# A value in another type; null instead of an error, where the engine can. #}
{% macro safe_cast(field, type) -%}
  {{ return(adapter.dispatch('safe_cast', 'dbt')(field, type)) }}
{%- endmacro %}

{# A plain cast. #}
{% macro default__safe_cast(field, type) %}
    {# most engines cannot #}
    cast({{ field }} as {{ type }})
{% endmacro %}
