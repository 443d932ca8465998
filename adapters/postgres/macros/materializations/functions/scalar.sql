{# Names, types and default values. #}
{% macro postgres__formatted_scalar_function_args_sql() -%}
  {%- for argument in model.arguments -%}
    {%- set fallback = argument.get('default_value', none) -%}
    {{ argument.name }} {{ argument.data_type }}{{ ' DEFAULT ' ~ fallback if fallback is not none }}{{ ', ' if not loop.last }}
  {%- endfor -%}
{%- endmacro %}
