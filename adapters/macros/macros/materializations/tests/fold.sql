{# One row over a relation with a number for each check, 0 where no row can fail it. A check is a dict: name, column_name and, for accepted_values, values and quote. #}
{% macro get_folded_tests_sql(relation, checks) -%}
  {{ return(adapter.dispatch('get_folded_tests_sql', 'dbt')(relation, checks)) }}
{%- endmacro %}

{# Each number is one that the test of that name, run on its own, finds no row with when it is 0. #}
{% macro default__get_folded_tests_sql(relation, checks) -%}
    select
    {%- for check in checks %}
      {% if check.name == 'not_null' -%}
      count(case when {{ check.column_name }} is null then 1 end)
      {%- elif check.name == 'unique' -%}
      count({{ check.column_name }}) - count(distinct {{ check.column_name }})
      {%- elif check.name == 'accepted_values' -%}
      count(case when {{ check.column_name }} not in (
        {%- for value in check['values'] %}{{ "'" ~ value ~ "'" if check.quote else value }}{{ ', ' if not loop.last }}{% endfor -%}
      ) then 1 end)
      {%- else -%}
      {%- do exceptions.raise_compiler_error("the test '" ~ check.name ~ "' cannot be folded") -%}
      {%- endif %} as check_{{ loop.index }}{{ ',' if not loop.last }}
    {%- endfor %}
    from {{ relation }}
{%- endmacro %}
