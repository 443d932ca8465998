{#- What the ledger knows about the event time of streams that declare a watermark. Moments are compared as points in time; a
    timestamp without a zone is taken for UTC. -#}

{#- The ledger's table with the watermark of each batch. -#}
{% macro stream_event_time_table() -%}
  {{ return(api.Relation.create(database=target.database if target.type != 'duckdb' else none, schema='_stream', identifier='event_time')) }}
{%- endmacro %}

{#- The name of a source in the ledger. -#}
{% macro stream_pipeline(source_name, table_name) -%}
  {%- if execute -%}
    {%- for node in graph.sources.values() if node.source_name == source_name and node.name == table_name -%}
      {{ return(node.unique_id) }}
    {%- endfor -%}
    {{ exceptions.raise_compiler_error("there is no source '" ~ source_name ~ "." ~ table_name ~ "' whose watermark could be asked for") }}
  {%- endif -%}
{%- endmacro %}

{#- Up to where a stream is complete: a scalar. -#}
{% macro stream_watermark(source_name, table_name) -%}
  {{ return(adapter.dispatch('stream_watermark', 'dbt')(source_name, table_name)) }}
{%- endmacro %}

{#- Watermarks never go back. -#}
{% macro default__stream_watermark(source_name, table_name) -%}
(select max(event_times.watermark) from {{ stream_event_time_table() }} as event_times where event_times.pipeline = '{{ stream_pipeline(source_name, table_name) }}')
{%- endmacro %}

{#- The window gets no more rows that are on time: what a model that emits final windows keeps. A condition. -#}
{% macro stream_closed(window_end, source_name, table_name) -%}
  {{ return(adapter.dispatch('stream_closed', 'dbt')(window_end, source_name, table_name)) }}
{%- endmacro %}

{#- The end of a window is not in it. -#}
{% macro default__stream_closed(window_end, source_name, table_name) -%}
extract(epoch from {{ window_end }}) <= extract(epoch from {{ stream_watermark(source_name, table_name) }})
{%- endmacro %}

{#- The row did not come after the watermark had passed it: where a model drops late rows, or with not sets them aside. A condition. -#}
{% macro stream_on_time(moment, source_name, table_name, batch='_stream_batch') -%}
  {{ return(adapter.dispatch('stream_on_time', 'dbt')(moment, source_name, table_name, batch)) }}
{%- endmacro %}

{#- What counts is the watermark that the row met, not the one of now: the answer never changes. -#}
{% macro default__stream_on_time(moment, source_name, table_name, batch) -%}
not exists (
  select 1
  from {{ stream_event_time_table() }} as event_times
  where event_times.pipeline = '{{ stream_pipeline(source_name, table_name) }}'
    and event_times.batch = {{ batch }}
    and extract(epoch from {{ moment }}) < extract(epoch from event_times.watermark_before)
)
{%- endmacro %}
