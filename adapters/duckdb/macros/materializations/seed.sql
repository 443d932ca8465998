{# The one of the driver. #}
{% macro duckdb__get_binding_char() -%}
  {{ return(adapter.get_binding_char()) }}
{%- endmacro %}

{# As elsewhere. #}
{% macro duckdb__get_batch_size() -%}
  {{ return(10000) }}
{%- endmacro %}

{# Loads in bulk, past the SQL parser; what is returned is the statement that would do the same from the file. #}
{% macro duckdb__load_csv_rows(model, agate_table) -%}
  {%- do adapter.bulk_load(this, agate_table) -%}
  {{ return(
    'copy ' ~ this.render() ~ ' (' ~ get_seed_column_quoted_csv(model, agate_table.column_names) ~ ") from '"
    ~ adapter.get_seed_file_path(model) ~ "' (format csv, header true, delimiter '" ~ config.get('delimiter', ',') ~ "')"
  ) }}
{%- endmacro %}
