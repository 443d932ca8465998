{# Quarters are added as months. The comment is part of the text that compiled models are compared by. #}
{% macro duckdb__last_day(date, datepart) -%}
  {%- if datepart != 'quarter' -%}
    {{ dbt.default_last_day(date, datepart) }}
  {%- else -%}
    {%- set next_start = dbt.dateadd('month', '3', dbt.date_trunc(datepart, date)) -%}
    -- duckdb dateadd does not support quarter interval.
    cast(
        {{ dbt.dateadd('day', '-1', next_start) }}
        as date)
  {%- endif -%}
{%- endmacro %}
