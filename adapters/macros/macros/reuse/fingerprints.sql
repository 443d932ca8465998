{# Whether the table that keeps fingerprints is there: one row with a number. #}
{% macro get_fingerprints_exist_sql(relation) -%}
  {{ return(adapter.dispatch('get_fingerprints_exist_sql', 'dbt')(relation)) }}
{%- endmacro %}

{# By the names of the standard. #}
{% macro default__get_fingerprints_exist_sql(relation) -%}
    select count(*) from information_schema.tables
    where table_catalog = '{{ relation.database }}' and table_schema = '{{ relation.schema }}' and table_name = '{{ relation.identifier }}'
{%- endmacro %}
