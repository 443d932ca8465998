{# Script that puts a new relation in the place of an existing one. #}
{% macro get_replace_sql(existing_relation, target_relation, sql) -%}
  {%- do log('Applying REPLACE to: ' ~ existing_relation) -%}
  {{ return(adapter.dispatch('get_replace_sql', 'dbt')(existing_relation, target_relation, sql)) }}
{%- endmacro %}

{# The safest way both relations allow: replace at once, else build aside and swap, else drop and create. #}
{% macro default__get_replace_sql(existing_relation, target_relation, sql) -%}
  {%- if existing_relation.can_be_replaced and existing_relation.type == target_relation.type
         and (existing_relation.is_table or existing_relation.is_view or existing_relation.is_materialized_view) -%}
    {%- if existing_relation.is_table -%}
      {{ get_replace_table_sql(target_relation, sql) }}
    {%- elif existing_relation.is_view -%}
      {{ get_replace_view_sql(target_relation, sql) }}
    {%- else -%}
      {{ get_replace_materialized_view_sql(target_relation, sql) }}
    {%- endif -%}
  {%- else -%}
    {%- set stage = target_relation.can_be_renamed -%}
    {%- set backup = existing_relation.can_be_renamed -%}
    {%- if stage %}
      {{ get_create_intermediate_sql(target_relation, sql) }};
    {%- endif %}
      {{ get_create_backup_sql(existing_relation) if backup else get_drop_sql(existing_relation) }};
      {{ get_rename_intermediate_sql(target_relation) if stage else get_create_sql(target_relation, sql) }}
    {%- if backup %};
      {{ get_drop_backup_sql(existing_relation) }}
    {%- endif -%}
  {%- endif -%}
{%- endmacro %}
