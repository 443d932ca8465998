{# Attached databases of other kinds have their own idea of schemas: SQLite has only main, MySQL needs none made. #}
{% macro duckdb__create_schema(relation) -%}
  {%- set foreign = run_query(
    "select type from duckdb_databases() where type != 'duckdb' and lower(database_name) = '" ~ relation.database | lower ~ "'"
  ) -%}
  {%- set kind = foreign.rows[0][0] if foreign | length > 0 else 'duckdb' -%}
  {%- if kind == 'sqlite' and relation.schema != 'main' -%}
    {%- do exceptions.raise_compiler_error("Schema must be 'main' when writing to sqlite instead got " ~ relation.schema) -%}
  {%- elif kind not in ['sqlite', 'mysql'] -%}
    {% call statement('create_schema') -%}
      create schema if not exists {{ relation.without_identifier() }}
    {%- endcall %}
  {%- endif -%}
{%- endmacro %}

{# With all it holds. #}
{% macro duckdb__drop_schema(relation) -%}
  {% call statement('drop_schema') -%}
    drop schema if exists {{ relation.without_identifier() }} cascade
  {%- endcall %}
{%- endmacro %}

{# Named through the system catalog, for a database may be attached under any name. #}
{% macro duckdb__list_schemas(database) -%}
  {% set sql %}
    select schema_name
    from system.information_schema.schemata
    {{ "where lower(catalog_name) = '" ~ database | lower | replace('"', '') ~ "'" if database is not none }}
  {% endset %}
  {{ return(run_query(sql)) }}
{%- endmacro %}

{# In any case, as DuckDB compares names. #}
{% macro duckdb__check_schema_exists(information_schema, schema) -%}
  {% set sql %}
    select count(*)
    from system.information_schema.schemata
    where lower(schema_name) = '{{ schema | lower }}'
      and lower(catalog_name) = '{{ information_schema.database | lower }}'
  {% endset %}
  {{ return(run_query(sql)) }}
{%- endmacro %}
