{# CREATE TABLE AS; with a contract the table is made first and then filled. unlogged tables skip the write-ahead log. #}
{% macro postgres__create_table_as(temporary, relation, sql) -%}
  {%- set sql_header = config.get('sql_header', none) -%}
  {%- set contract = config.get('contract') -%}
  {%- set kind = 'temporary ' if temporary else 'unlogged ' if config.get('unlogged', default=false) else '' %}
  {# the query begins on the line that it begins on in dbt, for that is the line the server tells when it is wrong #}
  {{ sql_header if sql_header is not none }}

  create {{ kind }}table {{ relation }}
  {{ get_assert_columns_equivalent(sql) if contract.enforced }}
  {% if contract.enforced and not temporary %}
    {{ get_table_columns_and_constraints() }};
    insert into {{ relation }} ({{ adapter.dispatch('get_column_names', 'dbt')() }})
    {%- set sql = get_select_subquery(sql) %}
  {% else %}
    as
  {% endif %}
  (
    {{ sql }}
  );
{%- endmacro %}
