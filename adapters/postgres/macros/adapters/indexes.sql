{# The name is made from the definition, so an index that exists is the same one. #}
{% macro postgres__get_create_index_sql(relation, index_dict) -%}
  {%- set index = adapter.parse_index(index_dict) -%}
  create {{ 'unique ' if index.unique }}index if not exists "{{ index.render(relation) }}"
  on {{ relation }} {{ 'using ' ~ index.type if index.type }} ({{ index.columns | join(', ') }})
{%- endmacro %}

{# Indexes live in the schema of their table. #}
{% macro postgres__get_drop_index_sql(relation, index_name) -%}
  drop index if exists "{{ relation.schema }}"."{{ index_name }}"
{%- endmacro %}

{# Name, method, uniqueness and columns of each index of a table or materialized view. #}
{% macro postgres__get_show_indexes_sql(relation) %}
    select
      index_class.relname as name,
      pg_am.amname as method,
      pg_index.indisunique as "unique",
      string_agg(pg_attribute.attname, ',' order by array_position(pg_index.indkey::int2[], pg_attribute.attnum)) as column_names
    from pg_index
    join pg_class as index_class on index_class.oid = pg_index.indexrelid
    join pg_am on pg_am.oid = index_class.relam
    join pg_class as table_class on table_class.oid = pg_index.indrelid
    join pg_namespace on pg_namespace.oid = table_class.relnamespace
    join pg_attribute on pg_attribute.attrelid = table_class.oid and pg_attribute.attnum = any (pg_index.indkey)
    where table_class.relname = '{{ relation.identifier }}'
      and pg_namespace.nspname = '{{ relation.schema }}'
      and table_class.relkind in ('r', 'm')
    group by 1, 2, 3
    order by 1, 2, 3
{% endmacro %}
