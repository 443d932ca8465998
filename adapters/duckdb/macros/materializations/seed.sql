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
