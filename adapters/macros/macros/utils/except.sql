{# Set operator: rows of the first query that the second lacks. #}
{% macro except() -%}
  {{ return(adapter.dispatch('except', 'dbt')()) }}
{%- endmacro %}

{# The standard word. #}
{% macro default__except() %}

    except

{% endmacro %}
