{# What information_schema.columns says, from the catalogs, which takes half of the time. A temporary relation has no schema to ask for. #}
{% macro postgres__get_columns_in_relation(relation) -%}
  {%- set catalog = adapter.quote(relation.database) ~ '.pg_catalog' if relation.database else 'pg_catalog' -%}
  {% call statement('get_columns_in_relation', fetch_result=True) %}
    select
      col.attname as column_name,
      case
        when base.typelem <> 0 and base.typlen = -1 then 'ARRAY'
        when base.typnamespace = 'pg_catalog'::regnamespace then format_type(base.oid, null)
        else 'USER-DEFINED'
      end as data_type,
      information_schema._pg_char_max_length(base.oid, modifier.typmod) as character_maximum_length,
      information_schema._pg_numeric_precision(base.oid, modifier.typmod) as numeric_precision,
      information_schema._pg_numeric_scale(base.oid, modifier.typmod) as numeric_scale
    from {{ catalog }}.pg_class rel
    join {{ catalog }}.pg_namespace sch on sch.oid = rel.relnamespace
    join {{ catalog }}.pg_attribute col on col.attrelid = rel.oid
    join {{ catalog }}.pg_type own on own.oid = col.atttypid
    join {{ catalog }}.pg_type base on base.oid = case own.typtype when 'd' then own.typbasetype else own.oid end
    cross join lateral (select case own.typtype when 'd' then own.typtypmod else col.atttypmod end as typmod) modifier
    where rel.relname = '{{ relation.identifier }}'
      {{ "and sch.nspname = '" ~ relation.schema ~ "'" if relation.schema }}
      and rel.relkind in ('r', 'v', 'f', 'p')
      and col.attnum > 0
      and not col.attisdropped
      and not pg_is_other_temp_schema(sch.oid)
      and (pg_has_role(rel.relowner, 'USAGE') or has_column_privilege(rel.oid, col.attnum, 'SELECT, INSERT, UPDATE, REFERENCES'))
    order by col.attnum
  {% endcall %}
  {{ return(sql_convert_columns_in_relation(load_result('get_columns_in_relation').table)) }}
{%- endmacro %}
