{# The one of the driver. #}
{% macro duckdb__get_binding_char() -%}
  {{ return(adapter.get_binding_char()) }}
{%- endmacro %}

{# As elsewhere. #}
{% macro duckdb__get_batch_size() -%}
  {{ return(10000) }}
{%- endmacro %}

{# DuckDB reads the file itself, by its own idea of quotes and nulls; with `fast: false` the rows dbt has read are loaded. #}
{% macro duckdb__load_csv_rows(model, agate_table) -%}
  {%- set copy_sql = 'copy ' ~ this.render() ~ " from '" ~ adapter.get_seed_file_path(model) | replace("'", "''")
      ~ "' (format csv, header true, delimiter '" ~ config.get('delimiter', ',') | replace("'", "''") ~ "')" -%}
  {%- if config.get('fast', true) -%}
    {%- do adapter.add_query(copy_sql, abridge_sql_log=True) -%}
  {%- else -%}
    {%- do adapter.bulk_load(this, agate_table) -%}
  {%- endif -%}
  {{ return(copy_sql) }}
{%- endmacro %}

{# DuckDB holds a unique index against rows that the same transaction removed: a table that has one is not emptied but made anew, with the indexes it had. #}
{% macro duckdb__reset_csv_table(model, full_refresh, old_relation, agate_table) -%}
  {%- set indexes = [] if full_refresh else indexes_of_relation(old_relation) -%}
  {%- if not indexes | selectattr('is_unique') | list -%}
    {{ return(default__reset_csv_table(model, full_refresh, old_relation, agate_table)) }}
  {%- endif -%}
  {%- do dbt.drop_relation_in_transaction(old_relation) -%}
  {%- set table_sql = create_csv_table(model, agate_table) -%}
  {%- for index in indexes -%}
    {%- do run_query('create ' ~ ('unique ' if index.is_unique) ~ 'index "' ~ index.index_name ~ '" on ' ~ this.render() ~ ' (' ~ index.expressions_sql ~ ')') -%}
  {%- endfor -%}
  {{ return(table_sql) }}
{%- endmacro %}
