{# Statement making one index from its config entry. #}
{% macro get_create_index_sql(relation, index_dict) -%}
  {{ return(adapter.dispatch('get_create_index_sql', 'dbt')(relation, index_dict)) }}
{%- endmacro %}

{# Engines without indexes make none. #}
{% macro default__get_create_index_sql(relation, index_dict) -%}
  {{ return(none) }}
{%- endmacro %}

{# Makes every index of the model's indexes config. #}
{% macro create_indexes(relation) -%}
  {{ return(adapter.dispatch('create_indexes', 'dbt')(relation)) }}
{%- endmacro %}

{# An entry for which the engine has no statement is passed over. #}
{% macro default__create_indexes(relation) -%}
  {%- for entry in config.get('indexes', default=[]) -%}
    {%- set ddl = get_create_index_sql(relation, entry) -%}
    {%- if ddl -%}{%- do run_query(ddl) -%}{%- endif -%}
  {%- endfor -%}
{%- endmacro %}

{# Statement dropping one index. #}
{% macro get_drop_index_sql(relation, index_name) -%}
  {{ return(adapter.dispatch('get_drop_index_sql', 'dbt')(relation, index_name)) }}
{%- endmacro %}

{# Only engines with indexes can. #}
{% macro default__get_drop_index_sql(relation, index_name) -%}
  {% do exceptions.raise_compiler_error("`get_drop_index_sql` has not been implemented for this adapter.") %}
{%- endmacro %}

{# Query listing the indexes of a relation. #}
{% macro get_show_indexes_sql(relation) -%}
  {{ return(adapter.dispatch('get_show_indexes_sql', 'dbt')(relation)) }}
{%- endmacro %}

{# Only engines with indexes can. #}
{% macro default__get_show_indexes_sql(relation) -%}
  {% do exceptions.raise_compiler_error("`get_show_indexes_sql` has not been implemented for this adapter.") %}
{%- endmacro %}
