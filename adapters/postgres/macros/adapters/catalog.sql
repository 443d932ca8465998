{# Whole schemas. #}
{% macro postgres__get_catalog(information_schema, schemas) -%}
  {%- set relations = [] -%}
  {%- for schema in schemas -%}{%- do relations.append({'schema': schema}) -%}{%- endfor -%}
  {{ return(postgres__get_catalog_relations(information_schema, relations)) }}
{%- endmacro %}

{# Some relations, or schemas where a relation has no identifier. Temporary tables, dropped columns and system columns stay out. #}
{% macro postgres__get_catalog_relations(information_schema, relations) -%}
  {%- do adapter.verify_database(information_schema.database) -%}
  {%- set terms = [] -%}
  {%- for relation in relations -%}
    {%- set name_term = " and upper(c.relname) = upper('" ~ relation.identifier ~ "')" if relation.identifier else '' -%}
    {%- do terms.append("(upper(n.nspname) = upper('" ~ relation.schema ~ "')" ~ name_term ~ ')') -%}
  {%- endfor -%}
  {% call statement('catalog', fetch_result=True) %}
    select
      '{{ information_schema.database }}' as table_database,
      n.nspname as table_schema,
      c.relname as table_name,
      case c.relkind when 'v' then 'VIEW' when 'm' then 'MATERIALIZED VIEW' else 'BASE TABLE' end as table_type,
      obj_description(c.oid, 'pg_class') as table_comment,
      a.attname as column_name,
      a.attnum as column_index,
      format_type(a.atttypid, a.atttypmod) as column_type,
      col_description(c.oid, a.attnum) as column_comment,
      pg_get_userbyid(c.relowner) as table_owner
    from pg_catalog.pg_class as c
    join pg_catalog.pg_namespace as n on n.oid = c.relnamespace
    join pg_catalog.pg_attribute as a on a.attrelid = c.oid
    where ({{ terms | join(' or ') or 'false' }})
      and c.relkind in ('r', 'v', 'f', 'p', 'm')
      and c.relpersistence in ('p', 'u')
      and a.attnum > 0
      and not a.attisdropped
    order by n.nspname, c.relname, a.attnum
  {% endcall %}
  {{ return(load_result('catalog').table) }}
{%- endmacro %}

{# Indexes and what is stored out of line are part of a table's size; views have none. #}
{% macro postgres__get_relation_bytes_sql(relations) -%}
  select n.nspname, c.relname, pg_catalog.pg_total_relation_size(c.oid)
  from pg_catalog.pg_class as c
  join pg_catalog.pg_namespace as n on n.oid = c.relnamespace
  where c.relkind in ('r', 'p', 'm')
    and (lower(n.nspname), lower(c.relname)) in (
      {%- for relation in relations %}
      ({{ dbt.string_literal(relation.schema | lower) }}, {{ dbt.string_literal(relation.identifier | lower) }}){{ ',' if not loop.last }}
      {%- endfor %}
    )
{%- endmacro %}
