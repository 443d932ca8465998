{# Takes only a query with the old columns, and more after them. #}
{% macro postgres__get_replace_view_sql(relation, sql) -%}
    {%- set sql_header = config.get('sql_header', none) -%}
    {{ sql_header if sql_header is not none }}

    create or replace view {{ relation }}
      {{ get_assert_columns_equivalent(sql) if config.get('contract').enforced }}
    as (
        {{ sql }}
    );
{%- endmacro %}
