{# Whole schemas. #}
{% macro duckdb__get_catalog(information_schema, schemas) -%}
  {{ return(run_query(duckdb__catalog_sql(information_schema, duckdb__get_catalog_schemas_where_clause_sql(schemas)))) }}
{%- endmacro %}

{# Some relations, or schemas where a relation has no identifier. #}
{% macro duckdb__get_catalog_relations(information_schema, relations) -%}
  {{ return(run_query(duckdb__catalog_sql(information_schema, duckdb__get_catalog_relations_where_clause_sql(relations)))) }}
{%- endmacro %}

{# The query for both: tables and columns under one condition. #}
{% macro duckdb__catalog_sql(information_schema, condition) %}
    with tables as (
      {{ duckdb__get_catalog_tables_sql(information_schema) }}
      {{ condition }}
    ),
    columns as (
      {{ duckdb__get_catalog_columns_sql(information_schema) }}
      {{ condition }}
    )
    {{ duckdb__get_catalog_results_sql() }}
{% endmacro %}

{# Tables and views of a database. #}
{% macro duckdb__get_catalog_tables_sql(information_schema) -%}
    select * from (
      select database_name as table_database, schema_name as table_schema, table_name, 'BASE TABLE' as table_type, comment as table_comment
      from duckdb_tables()
      union all
      select database_name, schema_name, view_name, 'VIEW', comment
      from duckdb_views()
    ) as catalog_tables
    where upper(table_database) = upper({{ duckdb__text(information_schema.database) }})
{%- endmacro %}

{# Their columns. #}
{% macro duckdb__get_catalog_columns_sql(information_schema) -%}
    select * from (
      select
        database_name as table_database, schema_name as table_schema, table_name,
        column_name, column_index, data_type as column_type, comment as column_comment
      from duckdb_columns()
    ) as catalog_columns
    where upper(table_database) = upper({{ duckdb__text(information_schema.database) }})
{%- endmacro %}

{# Both together, a row for each column; DuckDB has no owners. #}
{% macro duckdb__get_catalog_results_sql() -%}
    select
      table_database,
      table_schema,
      table_name,
      table_type,
      table_comment,
      column_name,
      column_index,
      column_type,
      column_comment,
      null as table_owner
    from tables
    join columns using (table_database, table_schema, table_name)
    order by table_schema, table_name, column_index
{%- endmacro %}

{# Further condition: one of these schemas. #}
{% macro duckdb__get_catalog_schemas_where_clause_sql(schemas) -%}
  {%- set terms = [] -%}
  {%- for schema in schemas -%}
    {%- do terms.append('upper(table_schema) = upper(' ~ duckdb__text(schema) ~ ')') -%}
  {%- endfor -%}
  and ({{ terms | join(' or ') or 'false' }})
{%- endmacro %}

{# Further condition: one of these relations. #}
{% macro duckdb__get_catalog_relations_where_clause_sql(relations) -%}
  {%- set terms = [] -%}
  {%- for relation in relations -%}
    {%- if not relation.schema -%}
      {%- do exceptions.raise_compiler_error('`get_catalog_relations` requires a list of relations, each with a schema') -%}
    {%- endif -%}
    {%- set name_term = ' and upper(table_name) = upper(' ~ duckdb__text(relation.identifier) ~ ')' if relation.identifier else '' -%}
    {%- do terms.append('(upper(table_schema) = upper(' ~ duckdb__text(relation.schema) ~ ')' ~ name_term ~ ')') -%}
  {%- endfor -%}
  and ({{ terms | join(' or ') or 'false' }})
{%- endmacro %}
