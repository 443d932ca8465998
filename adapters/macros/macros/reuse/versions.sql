{# What is the same only while a source has the same rows, for --skip-unchanged: one row. #}
{% macro get_source_version_sql(source, loaded_at) -%}
  {{ return(adapter.dispatch('get_source_version_sql', 'dbt')(source, loaded_at)) }}
{%- endmacro %}

{# The newest load time, and the number of rows, which tells of rows that came late or went. #}
{% macro default__get_source_version_sql(source, loaded_at) -%}
    select cast(max({{ loaded_at }}) as varchar(100)) as loaded_at, count(*) as row_count from {{ source }}
{%- endmacro %}

{# The same with the user's own query for the load time. #}
{% macro get_source_version_custom_sql(source, loaded_at_query) -%}
  {{ return(adapter.dispatch('get_source_version_custom_sql', 'dbt')(source, loaded_at_query)) }}
{%- endmacro %}

{# loaded_at_query must yield a single value. #}
{% macro default__get_source_version_custom_sql(source, loaded_at_query) -%}
    with source_query as (
      {{ loaded_at_query }}
    )
    select cast((select * from source_query) as varchar(100)) as loaded_at, (select count(*) from {{ source }}) as row_count
{%- endmacro %}

{# What another table or view under a relation's name would not have in common with it, nor the same one after any of its rows has changed: one row. #}
{% macro get_relation_identity_sql(relation) -%}
  {{ return(adapter.dispatch('get_relation_identity_sql', 'dbt')(relation)) }}
{%- endmacro %}

{# Without the engine's help nothing has one: no row says that it is not known. #}
{% macro default__get_relation_identity_sql(relation) -%}
    select 1 where 1 = 0
{%- endmacro %}

{# Settings of the engine and of the session that results of queries depend on: one row. #}
{% macro get_session_identity_sql() -%}
  {{ return(adapter.dispatch('get_session_identity_sql', 'dbt')()) }}
{%- endmacro %}

{# Only its version. #}
{% macro default__get_session_identity_sql() -%}
    select version()
{%- endmacro %}

{# Functions that give the same for the same arguments, always: a name a row. What is not listed keeps a query from being reused. #}
{% macro get_stable_functions_sql() -%}
  {{ return(adapter.dispatch('get_stable_functions_sql', 'dbt')()) }}
{%- endmacro %}

{# An engine that does not say counts as one that has none. #}
{% macro default__get_stable_functions_sql() -%}
    select 'count'
{%- endmacro %}
