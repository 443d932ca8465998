{#- The rows of a published model as its sink compares and sends them: row_key, row_value and row_hash. One column is the key as it is,
    several are a JSON array; the value is the row as a JSON object. -#}
{% macro stream_sink_rows(relation, key) -%}
  {{ return(adapter.dispatch('stream_sink_rows', 'dbt')(relation, key)) }}
{%- endmacro %}

{#- PostgreSQL's functions. -#}
{% macro default__stream_sink_rows(relation, key) -%}
  select row_key, row_value, md5(row_value) as row_hash
  from (
    select
      {% if key | length == 1 %}cast({{ adapter.quote(key[0]) }} as text){% else %}cast(json_build_array({% for column in key %}{{ adapter.quote(column) }}{{ ', ' if not loop.last }}{% endfor %}) as text){% endif %} as row_key,
      cast(row_to_json(published_rows) as text) as row_value
    from {{ relation }} as published_rows
  ) as rendered
{%- endmacro %}

{#- DuckDB's functions. -#}
{% macro duckdb__stream_sink_rows(relation, key) -%}
  select row_key, row_value, md5(row_value) as row_hash
  from (
    select
      {% if key | length == 1 %}cast({{ adapter.quote(key[0]) }} as varchar){% else %}cast(json_array({% for column in key %}{{ adapter.quote(column) }}{{ ', ' if not loop.last }}{% endfor %}) as varchar){% endif %} as row_key,
      cast(to_json(published_rows) as varchar) as row_value
    from {{ relation }} as published_rows
  ) as rendered
{%- endmacro %}
