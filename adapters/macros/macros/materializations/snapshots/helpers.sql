{# Adds columns that the query has gained to a snapshot's table. #}
{% macro create_columns(relation, columns) -%}
  {{ return(adapter.dispatch('create_columns', 'dbt')(relation, columns)) }}
{%- endmacro %}

{# One ALTER each. #}
{% macro default__create_columns(relation, columns) %}
  {% for column in columns %}
    {% call statement() %}
      alter table {{ relation.render() }} add column {{ adapter.quote(column.name) }} {{ column.expanded_data_type }};
    {% endcall %}
  {% endfor %}
{% endmacro %}

{# What to do with the staging table after the commit. #}
{% macro post_snapshot(staging_relation) -%}
  {{ return(adapter.dispatch('post_snapshot', 'dbt')(staging_relation)) }}
{%- endmacro %}

{# A temporary table goes away by itself. #}
{% macro default__post_snapshot(staging_relation) -%}
{%- endmacro %}

{# The truth, as a SQL expression. #}
{% macro get_true_sql() -%}
  {{ return(adapter.dispatch('get_true_sql', 'dbt')()) }}
{%- endmacro %}

{# Standard SQL has a literal. #}
{% macro default__get_true_sql() -%}
  {{ return('TRUE') }}
{%- endmacro %}

{# Default names of the columns a snapshot adds. #}
{% macro get_snapshot_table_column_names() -%}
  {%- set names = {} -%}
  {%- for name in ['dbt_valid_to', 'dbt_valid_from', 'dbt_scd_id', 'dbt_updated_at', 'dbt_is_deleted'] -%}
    {%- do names.update({name: name}) -%}
  {%- endfor -%}
  {{ return(names) }}
{%- endmacro %}

{# Names of those columns in the snapshot at hand. #}
{% macro snapshot_column_names() -%}
  {{ return(config.get('snapshot_table_column_names') or get_snapshot_table_column_names()) }}
{%- endmacro %}

{# The value of valid_to that means a version still holds: null, or as configured. #}
{% macro get_dbt_valid_to_current(strategy, columns) %}
  {# nullif gives the null the type of updated_at #}
  coalesce(nullif({{ strategy.updated_at }}, {{ strategy.updated_at }}), {{ config.get('dbt_valid_to_current') or 'null' }})
  as {{ columns.dbt_valid_to }}
{%- endmacro %}

{# Type of the query's dbt_updated_at column; none if it has no such column. #}
{% macro get_updated_at_column_data_type(snapshot_sql) -%}
  {%- for column in get_column_schema_from_query(snapshot_sql) if column.column in ['dbt_updated_at', 'DBT_UPDATED_AT'] -%}
    {{ return(column.dtype or none) }}
  {%- endfor -%}
  {{ return(none) }}
{%- endmacro %}

{# Warns when a snapshot mixes its updated_at with a clock of another type. #}
{% macro check_time_data_types(sql) -%}
  {%- set column_type = get_updated_at_column_data_type(sql) -%}
  {%- set clock_type = get_snapshot_get_time_data_type() -%}
  {%- if column_type is not none and clock_type is not none and column_type != clock_type
         and exceptions.warn_snapshot_timestamp_data_types -%}
    {%- do exceptions.warn_snapshot_timestamp_data_types(clock_type, column_type) -%}
  {%- endif -%}
{%- endmacro %}
