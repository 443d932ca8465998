{# As for other engines: dateadd knows quarters here. #}
{% macro duckdb__last_day(date, datepart) -%}
  {{ dbt.default_last_day(date, datepart) }}
{%- endmacro %}
