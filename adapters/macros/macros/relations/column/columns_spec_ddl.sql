{# Column list of a contracted model's CREATE TABLE, with its constraints. #}
{% macro get_table_columns_and_constraints() -%}
  {{ return(adapter.dispatch('get_table_columns_and_constraints', 'dbt')()) }}
{%- endmacro %}

{# Names, types and constraints as the model's properties give them. #}
{% macro default__get_table_columns_and_constraints() -%}
  {{ return(table_columns_and_constraints()) }}
{%- endmacro %}

{# Columns first, then the constraints of the table as a whole. #}
{% macro table_columns_and_constraints() %}
    {%- set parts = adapter.render_raw_columns_constraints(raw_columns=model['columns']) | list -%}
    {%- do parts.extend(adapter.render_raw_model_constraints(raw_constraints=model['constraints']) or []) %}
    (
    {{ parts | join(',\n    ') }}
    )
{% endmacro %}

{# Stops a build whose query does not fit its contract. #}
{% macro get_assert_columns_equivalent(sql) -%}
  {{ return(adapter.dispatch('get_assert_columns_equivalent', 'dbt')(sql)) }}
{%- endmacro %}

{# By names and types, not by order. #}
{% macro default__get_assert_columns_equivalent(sql) -%}
  {{ return(assert_columns_equivalent(sql)) }}
{%- endmacro %}

{# Asks the engine for the columns of the query and of the contract, and compares what it says. #}
{% macro assert_columns_equivalent(sql) -%}
  {%- if not model['columns'] -%}
    {%- do exceptions.raise_contract_error([], []) -%}
  {%- endif -%}
  {%- set actual = format_columns(get_column_schema_from_query(sql, config.get('sql_header', none))) -%}
  {%- set promised = format_columns(get_column_schema_from_query(get_empty_schema_sql(model['columns']))) -%}
  {%- set by_name = {} -%}
  {%- for column in promised -%}{%- do by_name.setdefault(column['name'], column['formatted']) -%}{%- endfor -%}
  {%- set misfits = [] -%}
  {%- for column in actual if by_name.get(column['name']) != column['formatted'] -%}
    {%- do misfits.append(column) -%}
  {%- endfor -%}
  {%- if misfits or actual | length != promised | length -%}
    {%- do exceptions.raise_contract_error(promised, actual) -%}
  {%- endif -%}
{%- endmacro %}

{# Columns as {name, data_type, formatted}, the form in which contracts are compared. #}
{% macro format_columns(columns) -%}
  {%- set result = [] -%}
  {%- for column in columns -%}{%- do result.append(adapter.dispatch('format_column', 'dbt')(column)) -%}{%- endfor -%}
  {{ return(result) }}
{%- endmacro %}

{# Names compare in any case, types as the engine writes them. #}
{% macro default__format_column(column) -%}
  {{ return({'name': column.name, 'data_type': column.dtype, 'formatted': column.column.lower() ~ ' ' ~ column.dtype}) }}
{%- endmacro %}
