{# Query that turns failing rows into a verdict: failures, should_warn, should_error. #}
{% macro get_test_sql(main_sql, fail_calc, warn_if, error_if, limit) -%}
  {{ return(adapter.dispatch('get_test_sql', 'dbt')(main_sql, fail_calc, warn_if, error_if, limit)) }}
{%- endmacro %}

{# fail_calc is an aggregate over the failing rows, warn_if and error_if are comparisons to put after it. #}
{% macro default__get_test_sql(main_sql, fail_calc, warn_if, error_if, limit) -%}
    select
      {{ fail_calc }} as failures,
      {{ fail_calc }} {{ warn_if }} as should_warn,
      {{ fail_calc }} {{ error_if }} as should_error
    from (
      {{ main_sql }}
      {{ 'limit ' ~ limit if limit is not none }}
    ) dbt_internal_test
{%- endmacro %}

{# Query for some of the rows that a failed test found, shown under it. #}
{% macro get_failing_rows_sql(main_sql, sql_header, limit) -%}
  {{ return(adapter.dispatch('get_failing_rows_sql', 'dbt')(main_sql, sql_header, limit)) }}
{%- endmacro %}

{# A subquery, for the test's query may have a limit of its own. #}
{% macro default__get_failing_rows_sql(main_sql, sql_header, limit) -%}
    {{ sql_header if sql_header is not none and flags.REQUIRE_SQL_HEADER_IN_TEST_CONFIGS }}
    select *
    from (
      {{ main_sql }}
    ) dbt_internal_test
    limit {{ limit }}
{%- endmacro %}

{# Query with actual and expected rows of a unit test, told apart by a last column. #}
{% macro get_unit_test_sql(main_sql, expected_fixture_sql, expected_column_names) -%}
  {{ return(adapter.dispatch('get_unit_test_sql', 'dbt')(main_sql, expected_fixture_sql, expected_column_names)) }}
{%- endmacro %}

{# Both sides take only the expected columns, in one order, so that rows compare. #}
{% macro default__get_unit_test_sql(main_sql, expected_fixture_sql, expected_column_names) -%}
{%- set columns = expected_column_names | join(', ') -%}
{%- set side = adapter.quote('actual_or_expected') -%}
-- what the model gives
with dbt_internal_unit_test_actual as (
  select
    {{ columns }}, {{ dbt.string_literal('actual') }} as {{ side }}
  from (
    {{ main_sql }}
  ) _dbt_internal_unit_test_actual
),
-- what is expected of it
dbt_internal_unit_test_expected as (
  select
    {{ columns }}, {{ dbt.string_literal('expected') }} as {{ side }}
  from (
    {{ expected_fixture_sql }}
  ) _dbt_internal_unit_test_expected
)
-- both
select * from dbt_internal_unit_test_actual
union all
select * from dbt_internal_unit_test_expected
{%- endmacro %}
