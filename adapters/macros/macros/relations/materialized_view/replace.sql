{# Script that replaces a materialized view at once. #}
{% macro get_replace_materialized_view_sql(relation, sql) -%}
  {{ return(adapter.dispatch('get_replace_materialized_view_sql', 'dbt')(relation, sql)) }}
{%- endmacro %}

{# Only engines that can do so atomically have one. #}
{% macro default__get_replace_materialized_view_sql(relation, sql) -%}
  {% do exceptions.raise_compiler_error('`get_replace_materialized_view_sql` has not been implemented for this adapter.') %}
{%- endmacro %}
