{# The least value, for there is no any_value before version 16. #}
{% macro postgres__any_value(expression) -%}
  min({{ expression }})
{%- endmacro %}
