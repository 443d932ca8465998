{# Says that the engine in use has no version of a macro it would need. #}
{% macro missing_for_adapter(macro_name) -%}
  {% do exceptions.raise_not_implemented(macro_name ~ ' macro not implemented for adapter ' ~ adapter.type()) %}
{%- endmacro %}

{# Catalog rows for the given relations. #}
{% macro get_catalog_relations(information_schema, relations) -%}
  {{ return(adapter.dispatch('get_catalog_relations', 'dbt')(information_schema, relations)) }}
{%- endmacro %}

{# Every engine reads its own catalog. #}
{% macro default__get_catalog_relations(information_schema, relations) -%}
  {% do exceptions.raise_compiler_error('get_catalog_relations not implemented for ' ~ adapter.type()) %}
{%- endmacro %}

{# Catalog rows for everything in the given schemas. #}
{% macro get_catalog(information_schema, schemas) -%}
  {{ return(adapter.dispatch('get_catalog', 'dbt')(information_schema, schemas)) }}
{%- endmacro %}

{# Every engine reads its own catalog. #}
{% macro default__get_catalog(information_schema, schemas) -%}
  {% do exceptions.raise_compiler_error('get_catalog not implemented for ' ~ adapter.type()) %}
{%- endmacro %}

{# Catalog entry of one relation. #}
{% macro get_catalog_for_single_relation(relation) -%}
  {{ return(adapter.dispatch('get_catalog_for_single_relation', 'dbt')(relation)) }}
{%- endmacro %}

{# Every engine reads its own catalog. #}
{% macro default__get_catalog_for_single_relation(relation) -%}
  {% do dbt.missing_for_adapter('get_catalog_for_single_relation') %}
{%- endmacro %}

{# The information schema, qualified where a database is given. #}
{% macro information_schema_name(database) -%}
  {{ return(adapter.dispatch('information_schema_name', 'dbt')(database)) }}
{%- endmacro %}

{# Upper case, as the standard writes it. #}
{% macro default__information_schema_name(database) -%}
  {{ database ~ '.' if database }}INFORMATION_SCHEMA
{%- endmacro %}

{# Table with the schema names of a database. #}
{% macro list_schemas(database) -%}
  {{ return(adapter.dispatch('list_schemas', 'dbt')(database)) }}
{%- endmacro %}

{# From the standard information schema. #}
{% macro default__list_schemas(database) -%}
  {% set sql %}
    select distinct schema_name
    from {{ information_schema_name(database) }}.SCHEMATA
    where catalog_name ilike '{{ database }}'
  {% endset %}
  {{ return(run_query(sql)) }}
{%- endmacro %}

{# One-cell table: how many schemas have this name. #}
{% macro check_schema_exists(information_schema, schema) -%}
  {{ return(adapter.dispatch('check_schema_exists', 'dbt')(information_schema, schema)) }}
{%- endmacro %}

{# From the standard information schema. #}
{% macro default__check_schema_exists(information_schema, schema) -%}
  {% set sql %}
    select count(*)
    from {{ information_schema.replace(information_schema_view='SCHEMATA') }}
    where catalog_name = '{{ information_schema.database }}'
      and schema_name = '{{ schema }}'
  {% endset %}
  {{ return(run_query(sql)) }}
{%- endmacro %}

{# Table (database, name, schema, type) of all relations of a schema. #}
{% macro list_relations_without_caching(schema_relation) -%}
  {{ return(adapter.dispatch('list_relations_without_caching', 'dbt')(schema_relation)) }}
{%- endmacro %}

{# Every engine reads its own catalog. #}
{% macro default__list_relations_without_caching(schema_relation) -%}
  {% do dbt.missing_for_adapter('list_relations_without_caching') %}
{%- endmacro %}

{# The same for user-defined functions. #}
{% macro list_function_relations_without_caching(schema_relation) -%}
  {{ return(adapter.dispatch('list_function_relations_without_caching', 'dbt')(schema_relation)) }}
{%- endmacro %}

{# Every engine reads its own catalog. #}
{% macro default__list_function_relations_without_caching(schema_relation) -%}
  {% do dbt.missing_for_adapter('list_function_relations_without_caching') %}
{%- endmacro %}

{# Table of which relation depends on which, for engines whose drops cascade. #}
{% macro get_relations() -%}
  {{ return(adapter.dispatch('get_relations', 'dbt')()) }}
{%- endmacro %}

{# Every engine reads its own catalog. #}
{% macro default__get_relations() -%}
  {% do dbt.missing_for_adapter('get_relations') %}
{%- endmacro %}

{# When relations were last written to, from metadata alone. #}
{% macro get_relation_last_modified(information_schema, relations) -%}
  {{ return(adapter.dispatch('get_relation_last_modified', 'dbt')(information_schema, relations)) }}
{%- endmacro %}

{# Only engines that keep such metadata can. #}
{% macro default__get_relation_last_modified(information_schema, relations) -%}
  {% do dbt.missing_for_adapter('get_relation_last_modified') %}
{%- endmacro %}

{# Query of schema, name and bytes on disk of the given relations; nothing for engines that cannot tell cheaply. #}
{% macro get_relation_bytes_sql(relations) -%}
  {{ return(adapter.dispatch('get_relation_bytes_sql', 'dbt')(relations)) }}
{%- endmacro %}

{# Nobody knows. #}
{% macro default__get_relation_bytes_sql(relations) -%}
{%- endmacro %}
