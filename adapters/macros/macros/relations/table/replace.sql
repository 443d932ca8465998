{# Script that replaces a table by the result of a query at once. #}
{% macro get_replace_table_sql(relation, sql) -%}
  {{ return(adapter.dispatch('get_replace_table_sql', 'dbt')(relation, sql)) }}
{%- endmacro %}

{# Only engines that can do so atomically have one. #}
{% macro default__get_replace_table_sql(relation, sql) -%}
  {% do exceptions.raise_compiler_error('`get_replace_table_sql` has not been implemented for this adapter.') %}
{%- endmacro %}
