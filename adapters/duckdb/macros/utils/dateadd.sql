{# A number times a unit interval, for the number may be any expression; quarters and weeks are made of months and days. #}
{% macro duckdb__dateadd(datepart, interval, from_date_or_timestamp) %}

    {% set part = datepart | lower -%}
    {%- set factor, unit = {'quarter': (3, 'month'), 'week': (7, 'day')}.get(part, (1, part)) -%}
    {%- set count = 'cast(' ~ interval ~ ' as bigint)' -%}
    ({{ from_date_or_timestamp }} + {{ count if factor == 1 else '(' ~ count ~ ' * ' ~ factor ~ ')' }} * interval 1 {{ unit }})
{%- endmacro %}
