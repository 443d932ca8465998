{# Fixture rows as a query with the columns and types of the relation they stand for; columns not given are null. #}
{% macro get_fixture_sql(rows, column_name_to_data_types) %}
-- Fixture for {{ model.name }}
{% set quoted = {} -%}
{%- if not column_name_to_data_types -%}
  {%- set column_name_to_data_types = {} -%}
  {#- a relation that is not built here may be in the state deferred to -#}
  {%- set standing_for = defer_relation if defer_relation and not load_relation(this) else this -%}
  {%- for column in adapter.get_columns_in_relation(standing_for) -%}
    {%- do column_name_to_data_types.update({column.name | lower: column.data_type}) -%}
    {%- do quoted.update({column.name | lower: column.quoted}) -%}
  {%- endfor -%}
{%- endif -%}
{%- if not column_name_to_data_types -%}
  {%- do exceptions.raise_compiler_error("Not able to get columns for unit test '" ~ model.name ~ "' from relation " ~ this ~ " because the relation doesn't exist") -%}
{%- endif -%}
{{ validate_fixture_rows(rows, row_number) }}
{%- set empty_row = {} -%}
{%- for name, type in column_name_to_data_types.items() -%}
  {%- do empty_row.update({name: safe_cast('null', type) | trim}) -%}
{%- endfor -%}
{%- for row in rows -%}
{%- set filled = empty_row.copy() -%}
{%- do filled.update(format_row(row, column_name_to_data_types)) -%}
{{ dbt.select_of_values(filled, quoted) }}
{{ 'union all' if not loop.last }}
{% else -%}
{{ dbt.select_of_values(empty_row, quoted) }}
limit 0
{%- endfor -%}
{% endmacro %}

{# Expected rows of a unit test as a query; no rows means an empty result with the actual columns. #}
{% macro get_expected_sql(rows, column_name_to_data_types, column_name_to_quoted) %}
{%- for row in rows -%}
{{ dbt.select_of_values(format_row(row, column_name_to_data_types), column_name_to_quoted) }}
{{ 'union all' if not loop.last }}
{% else -%}
    select * from dbt_internal_unit_test_actual
    limit 0
{%- endfor -%}
{% endmacro %}

{# A one-row select of {column: expression}; names come out as the second mapping writes them. #}
{% macro select_of_values(expressions, quoted) -%}
  {%- set items = [] -%}
  {%- for name, expression in expressions.items() -%}
    {%- do items.append((expression | string | trim) ~ ' as ' ~ quoted.get(name, name)) -%}
  {%- endfor -%}
select {{ items | join(', ') }}
{%- endmacro %}

{# One fixture row as {lower-case column: casted expression}; a column the relation lacks is an error. #}
{% macro format_row(row, column_name_to_data_types) -%}
  {%- set formatted = {} -%}
  {%- for given_name, value in row.items() -%}
    {%- set name = given_name | lower -%}
    {%- if name not in column_name_to_data_types -%}
      {%- set fixture = 'expected output' if model.resource_type == 'unit_test' else "'" ~ model.name ~ "'" -%}
      {%- do exceptions.raise_compiler_error(
        "Invalid column name: '" ~ name ~ "' in unit test fixture for " ~ fixture ~ "."
        ~ "\nAccepted columns for " ~ fixture ~ " are: " ~ column_name_to_data_types.keys() | list
      ) -%}
    {%- endif -%}
    {%- set type = column_name_to_data_types[name] -%}
    {%- if value is none -%}
      {%- set literal = 'null' -%}
    {%- elif value is string -%}
      {%- set literal = dbt.string_literal(dbt.escape_single_quotes(value)) -%}
      {#- a sized type would cut long text off without a word -#}
      {%- set type = type.split('(')[0] if 'varying' in type else type -%}
    {%- else -%}
      {%- set literal = value -%}
    {%- endif -%}
    {%- do formatted.update({name: safe_cast(literal, type)}) -%}
  {%- endfor -%}
  {{ return(formatted) }}
{%- endmacro %}

{# Lets an engine reject fixture rows it cannot express. #}
{% macro validate_fixture_rows(rows, row_number) -%}
  {{ return(adapter.dispatch('validate_fixture_rows', 'dbt')(rows, row_number)) }}
{%- endmacro %}

{# Nothing to reject. #}
{% macro default__validate_fixture_rows(rows, row_number) -%}
{%- endmacro %}
