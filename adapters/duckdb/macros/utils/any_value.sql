{# The first value; any_value would pass over nulls. #}
{% macro duckdb__any_value(expression) -%}
  arbitrary({{ expression }})
{%- endmacro %}
