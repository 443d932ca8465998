{# Script that makes a view of a query. #}
{% macro get_create_view_as_sql(relation, sql) -%}
  {{ return(adapter.dispatch('get_create_view_as_sql', 'dbt')(relation, sql)) }}
{%- endmacro %}

{# Under its older name. #}
{% macro default__get_create_view_as_sql(relation, sql) -%}
  {{ return(create_view_as(relation, sql)) }}
{%- endmacro %}

{# The same by its older name. #}
{% macro create_view_as(relation, sql) -%}
  {{ return(adapter.dispatch('create_view_as', 'dbt')(relation, sql)) }}
{%- endmacro %}

{# CREATE VIEW; a contract is only compared, for views carry no constraints. #}
{% macro default__create_view_as(relation, sql) -%}
  {%- set sql_header = config.get('sql_header', none) -%}
  {{ sql_header if sql_header is not none }}

  create view {{ relation.render() }}
    {{ get_assert_columns_equivalent(sql) if config.get('contract').enforced }}
  as (
    {{ sql }}
  );
{%- endmacro %}
