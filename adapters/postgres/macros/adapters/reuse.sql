{# By the catalog itself: the standard's views show nobody a table that he may not read. #}
{% macro postgres__get_fingerprints_exist_sql(relation) -%}
    select count(*) from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
    where n.nspname = '{{ relation.schema }}' and c.relname = '{{ relation.identifier }}'
{%- endmacro %}

{# The oid tells of a relation that was made again, the file of one that was emptied. Each row that was added or changed since has a higher xmin, and one that is gone is missing in the count. #}
{% macro postgres__get_relation_identity_sql(relation) -%}
    select c.oid, c.relkind, c.relfilenode,
      (select md5(string_agg(a.attname || ' ' || a.atttypid || ' ' || a.atttypmod, ',' order by a.attnum)) from pg_catalog.pg_attribute a
        where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped),
      {% if relation.type == 'view' -%}
      md5(pg_catalog.pg_get_viewdef(c.oid))
      {%- else -%}
      (select count(*) || ' ' || coalesce(max(__millrace_row.xmin::text::bigint), 0) from {{ relation }} as __millrace_row)
      {%- endif %}
    from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
    where n.nspname = '{{ relation.schema }}' and c.relname = '{{ relation.identifier }}'
{%- endmacro %}

{# The settings that change what a query gives, and who asks: policies show each role other rows. #}
{% macro postgres__get_session_identity_sql() -%}
    select current_user, string_agg(name || '=' || setting, ' ' order by name) from pg_catalog.pg_settings
    where name in ('server_version', 'TimeZone', 'DateStyle', 'IntervalStyle', 'lc_collate', 'lc_ctype', 'lc_monetary', 'lc_numeric', 'lc_time', 'bytea_output',
      'extra_float_digits', 'default_text_search_config', 'search_path', 'standard_conforming_strings', 'xmlbinary', 'xmloption', 'transform_null_equals')
{%- endmacro %}

{# Immutable ones of the engine, and those stable ones that look at nothing but the settings above. A name that somebody has given to a function of his own is none. #}
{% macro postgres__get_stable_functions_sql() -%}
    select p.proname from pg_catalog.pg_proc p join pg_catalog.pg_namespace n on n.oid = p.pronamespace
    where p.proname not in ('age')
    group by p.proname
    having bool_and(n.nspname = 'pg_catalog' and (p.provolatile = 'i' or p.provolatile = 's' and p.proname in (
      'array_agg', 'array_to_json', 'array_to_string', 'concat', 'concat_ws', 'date_part', 'date_trunc', 'extract', 'format', 'generate_series', 'json_agg',
      'json_build_array', 'json_build_object', 'json_object_agg', 'jsonb_agg', 'jsonb_build_array', 'jsonb_build_object', 'jsonb_object_agg', 'make_timestamptz',
      'mode', 'percentile_cont', 'percentile_disc', 'quote_literal', 'quote_nullable', 'row_to_json', 'string_agg', 'timezone', 'to_char', 'to_date', 'to_json',
      'to_jsonb', 'to_number', 'to_timestamp')))
{%- endmacro %}
