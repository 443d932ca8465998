{# In the connection's own database, the only one there is. #}
{% macro postgres__create_schema(relation) -%}
  {%- do adapter.verify_database(relation.database) if relation.database -%}
  {% call statement('create_schema') -%}
    create schema if not exists {{ relation.without_identifier().include(database=False) }}
  {%- endcall %}
{%- endmacro %}

{# In the connection's own database, the only one there is. #}
{% macro postgres__drop_schema(relation) -%}
  {%- do adapter.verify_database(relation.database) if relation.database -%}
  {% call statement('drop_schema') -%}
    drop schema if exists {{ relation.without_identifier().include(database=False) }} cascade
  {%- endcall %}
{%- endmacro %}

{# From the catalog, whatever rights on them there are. #}
{% macro postgres__list_schemas(database) -%}
  {%- do adapter.verify_database(database) if database -%}
  {% call statement('list_schemas', fetch_result=True, auto_begin=False) %}
    select distinct nspname from pg_namespace
  {% endcall %}
  {{ return(load_result('list_schemas').table) }}
{%- endmacro %}

{# From the catalog, by the exact name. #}
{% macro postgres__check_schema_exists(information_schema, schema) -%}
  {%- do adapter.verify_database(information_schema.database) if information_schema.database -%}
  {% call statement('check_schema_exists', fetch_result=True, auto_begin=False) %}
    select count(*) from pg_namespace where nspname = '{{ schema }}'
  {% endcall %}
  {{ return(load_result('check_schema_exists').table) }}
{%- endmacro %}

{# Never qualified, for there is one per database. #}
{% macro postgres__information_schema_name(database) -%}
  {%- do adapter.verify_database(database) if database -%}
  information_schema
{%- endmacro %}
