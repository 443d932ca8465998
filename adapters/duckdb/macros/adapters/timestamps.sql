{# With time zone. #}
{% macro duckdb__current_timestamp() -%}
  now()
{%- endmacro %}

{# Snapshots store times without zone. #}
{% macro duckdb__snapshot_string_as_time(timestamp) -%}
  {{ return("'" ~ timestamp ~ "'::timestamp") }}
{%- endmacro %}

{# Snapshots store times without zone. #}
{% macro duckdb__snapshot_get_time() -%}
  {{ current_timestamp() }}::timestamp
{%- endmacro %}
