{# Larger parts are differences of numbers in the date; each smaller one counts the next larger times so many, and adds its own. #}
{% macro postgres__datediff(first_date, second_date, datepart) -%}
  {%- set of_date = {'quarter': ('year', 4), 'month': ('year', 12)} -%}
  {%- set of_time = {'hour': ('day', 24), 'minute': ('hour', 60)} -%}
  {%- set of_fraction = {'second': ('minute', 60), 'millisecond': ('minute', 60000), 'microsecond': ('minute', 60000000)} -%}

    {% if datepart == 'year' %}
        (date_part('year', ({{ second_date }})::date) - date_part('year', ({{ first_date }})::date))
    {% elif datepart == 'day' %}
        (({{ second_date }})::date - ({{ first_date }})::date)
    {% elif datepart == 'week' %}
        ({{ datediff(first_date, second_date, 'day') }} / 7 + case
            when date_part('dow', ({{ first_date }})::timestamp) <= date_part('dow', ({{ second_date }})::timestamp) then
                case when {{ first_date }} <= {{ second_date }} then 0 else -1 end
            else
                case when {{ first_date }} <= {{ second_date }} then 1 else 0 end
        end)
    {% elif datepart in of_date %}
    {%- set larger, times = of_date[datepart] %}
        ({{ datediff(first_date, second_date, larger) }} * {{ times }} + date_part('{{ datepart }}', ({{ second_date }})::date) - date_part('{{ datepart }}', ({{ first_date }})::date))
    {% elif datepart in of_time %}
    {%- set larger, times = of_time[datepart] %}
        ({{ datediff(first_date, second_date, larger) }} * {{ times }} + date_part('{{ datepart }}', ({{ second_date }})::timestamp) - date_part('{{ datepart }}', ({{ first_date }})::timestamp))
    {% elif datepart in of_fraction %}
    {%- set larger, times = of_fraction[datepart] %}
        ({{ datediff(first_date, second_date, larger) }} * {{ times }} + floor(date_part('{{ datepart }}', ({{ second_date }})::timestamp)) - floor(date_part('{{ datepart }}', ({{ first_date }})::timestamp)))
    {% else %}
    {%- do exceptions.raise_compiler_error("Unsupported datepart for macro datediff in postgres: '" ~ datepart ~ "'") -%}
    {% endif %}
{%- endmacro %}
