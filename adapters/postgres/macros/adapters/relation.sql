{# Tables, views, materialized views and functions of one schema. #}
{% macro postgres__list_relations_without_caching(schema_relation) %}
  {%- set sources = [
    ('pg_tables', 'tablename', 'schemaname', 'table'),
    ('pg_views', 'viewname', 'schemaname', 'view'),
    ('pg_matviews', 'matviewname', 'schemaname', 'materialized_view'),
    ('pg_proc join pg_namespace on pg_namespace.oid = pronamespace', 'proname', 'nspname', 'function'),
  ] -%}
  {% call statement('list_relations_without_caching', fetch_result=True) -%}
    {%- for catalog, name, schema, type in sources %}
    select distinct '{{ schema_relation.database }}' as database, {{ name }} as name, {{ schema }} as schema, '{{ type }}' as type
    from {{ catalog }}
    where {{ schema }} ilike '{{ schema_relation.schema }}'
    {{ 'union all' if not loop.last }}
    {%- endfor %}
  {%- endcall %}
  {{ return(load_result('list_relations_without_caching').table) }}
{% endmacro %}

{# Names longer than 63 are cut off without a word, so the base name gives way to the suffix; dstring adds the time of day. #}
{% macro postgres__make_relation_with_suffix(base_relation, suffix, dstring) -%}
  {%- set limit = 63 -%}
  {%- if dstring -%}
    {%- set suffix = suffix ~ modules.datetime.datetime.now().strftime('%H%M%S%f') -%}
  {%- endif -%}
  {%- set room = limit - suffix | length -%}
  {%- if room < 0 -%}
    {%- do exceptions.raise_compiler_error('Relation suffix is too long (' ~ suffix | length ~ ' characters). Maximum length is ' ~ limit ~ ' characters.') -%}
  {%- endif -%}
  {{ return(base_relation.incorporate(path={'identifier': base_relation.identifier[:room] ~ suffix})) }}
{%- endmacro %}

{# In the same schema. #}
{% macro postgres__make_intermediate_relation(base_relation, suffix) -%}
  {{ return(postgres__make_relation_with_suffix(base_relation, suffix, dstring=False)) }}
{%- endmacro %}

{# In the session's schema of temporary tables, under a name of its own. #}
{% macro postgres__make_temp_relation(base_relation, suffix) -%}
  {%- set named = postgres__make_relation_with_suffix(base_relation, suffix, dstring=True) -%}
  {{ return(named.incorporate(path={'schema': none, 'database': none})) }}
{%- endmacro %}

{# In the same schema. #}
{% macro postgres__make_backup_relation(base_relation, backup_relation_type, suffix) -%}
  {{ return(postgres__make_relation_with_suffix(base_relation, suffix, dstring=False).incorporate(type=backup_relation_type)) }}
{%- endmacro %}

{# Which view reads which relation, to know what a cascading drop takes along. A view's query is a rewrite rule,
   and the rule depends on the relations it reads; its dependency on the view itself is an internal one. #}
{% macro postgres__get_relations() -%}
  {% call statement('relations', fetch_result=True) %}
    select distinct
      view_schema.nspname as dependent_schema,
      view.relname as dependent_name,
      read_schema.nspname as referenced_schema,
      read.relname as referenced_name
    from pg_depend as own
    join pg_depend as other
      on other.classid = own.classid
      and other.objid = own.objid
      and other.refclassid = own.refclassid
      and other.refobjid != own.refobjid
    join pg_class as view on view.oid = own.refobjid
    join pg_namespace as view_schema on view_schema.oid = view.relnamespace
    join pg_class as read on read.oid = other.refobjid
    join pg_namespace as read_schema on read_schema.oid = read.relnamespace
    where own.classid = 'pg_rewrite'::regclass
      and own.refclassid = 'pg_class'::regclass
      and own.deptype = 'i'
      and read_schema.nspname != 'information_schema'
      and read_schema.nspname not like 'pg\_%'
    order by dependent_schema, dependent_name, referenced_schema, referenced_name
  {% endcall %}
  {{ return(load_result('relations').table) }}
{%- endmacro %}

{# Older name of the same. #}
{% macro postgres_get_relations() -%}
  {{ return(postgres__get_relations()) }}
{%- endmacro %}
