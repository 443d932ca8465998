{#- Windows over event time. They are plain SQL over a relation, so that a build over the whole log and a tick over what has just
    come give the same rows; copied into a project they work there with dbt-core too. Windows start at multiples of their size
    since Monday, 2000-01-03 00:00 UTC. Sizes are intervals: '15 minutes', '1 hour', '7 days'. -#}

{#- The start of the window that holds a moment: an expression. -#}
{% macro stream_tumble(moment, size) -%}
  {{ return(adapter.dispatch('stream_tumble', 'dbt')(moment, size)) }}
{%- endmacro %}

{#- date_bin is in PostgreSQL since 14. -#}
{% macro default__stream_tumble(moment, size) -%}
  date_bin(interval '{{ size }}', {{ moment }}, '2000-01-03 00:00:00+00')
{%- endmacro %}

{#- DuckDB names date_bin otherwise; its origin is the same Monday. -#}
{% macro duckdb__stream_tumble(moment, size) -%}
  time_bucket(interval '{{ size }}', {{ moment }})
{%- endmacro %}

{#- Every row once for each window that holds it, with window_start and window_end: a relation. -#}
{% macro stream_hop(relation, moment, size, slide) -%}
  {{ return(adapter.dispatch('stream_hop', 'dbt')(relation, moment, size, slide)) }}
{%- endmacro %}

{#- A lateral join spreads the starts. -#}
{% macro default__stream_hop(relation, moment, size, slide) -%}
(
  select events.*, windows.window_start, windows.window_start + interval '{{ size }}' as window_end
  from {{ relation }} as events
  cross join lateral generate_series(
    {{ stream_tumble(moment, slide) }} - interval '{{ size }}', {{ stream_tumble(moment, slide) }}, interval '{{ slide }}'
  ) as windows (window_start)
  where {{ moment }} < windows.window_start + interval '{{ size }}'
)
{%- endmacro %}

{#- DuckDB spreads a list of starts instead of joining them. -#}
{% macro duckdb__stream_hop(relation, moment, size, slide) -%}
(
  select *, window_start + interval '{{ size }}' as window_end
  from (
    select *, unnest(generate_series(
      {{ stream_tumble(moment, slide) }} - interval '{{ size }}', {{ stream_tumble(moment, slide) }}, interval '{{ slide }}'
    )) as window_start
    from {{ relation }}
  ) as spread
  where {{ moment }} < window_start + interval '{{ size }}'
)
{%- endmacro %}

{#- Every row with the start and the last moment of its session, which ends when a key brings nothing for the gap: a relation. -#}
{% macro stream_session(relation, keys, moment, gap) -%}
  {{ return(adapter.dispatch('stream_session', 'dbt')(relation, keys, moment, gap)) }}
{%- endmacro %}

{#- Gaps and islands: a session begins where the row before lies further back than the gap. -#}
{% macro default__stream_session(relation, keys, moment, gap) -%}
{%- set by = ([keys] if keys is string else keys) | join(', ') -%}
(
  select
    *,
    min({{ moment }}) over (partition by {{ by }}, session_number) as session_start,
    max({{ moment }}) over (partition by {{ by }}, session_number) as session_last
  from (
    select *, sum(session_begins) over (partition by {{ by }} order by {{ moment }}) as session_number
    from (
      select
        *,
        case when {{ moment }} > lag({{ moment }}) over (partition by {{ by }} order by {{ moment }}) + interval '{{ gap }}' then 1 else 0 end as session_begins
      from {{ relation }}
    ) as marked
  ) as numbered
)
{%- endmacro %}
