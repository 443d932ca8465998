{#
  A stream that upserts keeps two tables: the log with every record, and the current rows.
  The statements here take the log's new rows (those of one batch) into the current rows.
  Of a key the record with the highest offset of its partition counts; the clock never does.

  log and state are the relations; key and prior are quoted columns: the key, and the key
  before a change of it (none where events do not change keys).
#}

{# What happened to keys. A changed key is a delete of the one before, just before the row itself. #}
{% macro stream_key_events(log, key, prior, batch=none) -%}
  select {{ key | join(', ') }}, _stream_topic, _stream_partition, _stream_offset, 1 as _stream_seq, _stream_op
  from {{ log }}
  where _stream_op in ('c', 'r', 'u', 'd')
  {%- if batch is not none %} and _stream_batch = {{ batch }}{% endif %}
  {%- if prior %}
  union all
  select {{ prior | join(', ') }}, _stream_topic, _stream_partition, _stream_offset, 0, 'd'
  from {{ log }}
  where {{ prior[0] }} is not null
  {%- if batch is not none %} and _stream_batch = {{ batch }}{% endif %}
  {%- endif %}
{%- endmacro %}

{# Condition under which two rows have one key. #}
{% macro stream_same_key(key, left, right, others=none) -%}
  {%- for column in key -%}
    {{ left }}.{{ column }} = {{ right }}.{{ (others or key)[loop.index0] }}{{ ' and ' if not loop.last }}
  {%- endfor -%}
{%- endmacro %}

{# The last event of each key: of a batch, or with all=true of the whole log for the keys of the batch, or of all keys when there is no batch. #}
{% macro stream_last_events(log, key, prior, batch=none, all=false, truncate=false) -%}
  select * from (
    select e.*, row_number() over (partition by {{ key | join(', ') }} order by _stream_offset desc, _stream_seq desc) as _stream_rank
    from ({{ stream_key_events(log, key, prior, none if all else batch) }}) e
    where 1 = 1
    {%- if truncate %}
      and _stream_offset > coalesce((select max(_stream_offset) from {{ log }} where _stream_op = 't'
        {%- if batch is not none and not all %} and _stream_batch = {{ batch }}{% endif %}), -1)
    {%- endif %}
    {%- if all and batch is not none %}
      and exists (select 1 from ({{ stream_key_events(log, key, prior, batch) }}) b where {{ stream_same_key(key, 'b', 'e') }})
    {%- endif %}
  ) ranked
  where _stream_rank = 1
{%- endmacro %}

{# Query for a key that was read from two partitions, whose records have no order among them. #}
{% macro stream_key_conflicts(log, state, key, prior, batch) -%}
  {{ return(adapter.dispatch('stream_key_conflicts', 'dbt')(log, state, key, prior, batch)) }}
{%- endmacro %}

{# The key, and the two places that it was read from. #}
{% macro default__stream_key_conflicts(log, state, key, prior, batch) -%}
  with events as ({{ stream_key_events(log, key, prior, batch) }})
  select {% for column in key %}cast({{ column }} as text){{ " || ', ' || " if not loop.last }}{% endfor %} as key_value, one, other from (
    select {{ key | join(', ') }}, min(_stream_topic || '/' || _stream_partition) as one, max(_stream_topic || '/' || _stream_partition) as other
    from events group by {{ key | join(', ') }}
    union all
    select {% for column in key %}e.{{ column }}, {% endfor %}s._stream_topic || '/' || s._stream_partition, e._stream_topic || '/' || e._stream_partition
    from events e join {{ state }} s on {{ stream_same_key(key, 'e', 's') }}
  ) places
  where one <> other
  limit 1
{%- endmacro %}

{# Statement that takes away the rows of keys about which something was read. #}
{% macro stream_delete_current(log, state, key, prior, batch=none, all=false, truncate=false) -%}
  {{ return(adapter.dispatch('stream_delete_current', 'dbt')(log, state, key, prior, batch, all, truncate)) }}
{%- endmacro %}

{# In the whole log a row may already be newer than what the batch brought late. #}
{% macro default__stream_delete_current(log, state, key, prior, batch, all, truncate) -%}
  delete from {{ state }} as s
  where exists (
    select 1 from ({{ stream_last_events(log, key, prior, batch, all, truncate) }}) e
    where {{ stream_same_key(key, 'e', 's') }}
    {%- if all %} and e._stream_offset > s._stream_offset{% endif %}
  )
{%- endmacro %}

{# Statement that adds what the keys' rows are now. #}
{% macro stream_insert_current(log, state, columns, key, prior, batch=none, all=false, truncate=false) -%}
  {{ return(adapter.dispatch('stream_insert_current', 'dbt')(log, state, columns, key, prior, batch, all, truncate)) }}
{%- endmacro %}

{# A row of the log is found again by where it was read. #}
{% macro default__stream_insert_current(log, state, columns, key, prior, batch, all, truncate) -%}
  insert into {{ state }} ({{ columns | join(', ') }})
  select {% for column in columns %}l.{{ column }}{{ ', ' if not loop.last }}{% endfor %}
  from {{ log }} l
  join ({{ stream_last_events(log, key, prior, batch, all, truncate) }}) e
    on l._stream_topic = e._stream_topic and l._stream_partition = e._stream_partition and l._stream_offset = e._stream_offset
  where e._stream_op <> 'd'
  {%- if batch is not none and not all %} and l._stream_batch = {{ batch }}{% endif %}
  {%- if all %} and not exists (select 1 from {{ state }} s where {{ stream_same_key(key, 's', 'e') }}){% endif %}
{%- endmacro %}

{# Statement that empties the current rows of a table that was truncated within the batch. #}
{% macro stream_truncate_current(log, state, batch) -%}
  {{ return(adapter.dispatch('stream_truncate_current', 'dbt')(log, state, batch)) }}
{%- endmacro %}

{# Other partitions have no order with a truncate, so their rows go too; there is one partition. #}
{% macro default__stream_truncate_current(log, state, batch) -%}
  delete from {{ state }}
  where exists (select 1 from {{ log }} where _stream_op = 't' and _stream_batch = {{ batch }})
{%- endmacro %}

{#
  Statement that fills in values which change events left out because the database's own log
  did not hold them: they are what they were before, under the key that the row had then.
#}
{% macro stream_fill_unavailable(log, state, key, prior, column, name, batch) -%}
  {{ return(adapter.dispatch('stream_fill_unavailable', 'dbt')(log, state, key, prior, column, name, batch)) }}
{%- endmacro %}

{# Within the batch the row before counts, else the current one. #}
{% macro default__stream_fill_unavailable(log, state, key, prior, column, name, batch) -%}
  {%- set then = [] -%}
  {%- for k in key -%}{%- do then.append('coalesce(l.' ~ (prior[loop.index0] if prior else k) ~ ', l.' ~ k ~ ')') -%}{%- endfor -%}
  update {{ log }} as l
  set {{ column }} = (
    select known.v from (
      select p.{{ column }} as v, p._stream_offset as o from {{ log }} p
      where p._stream_batch = {{ batch }} and p._stream_op in ('c', 'r', 'u')
        and p._stream_partition = l._stream_partition and p._stream_offset < l._stream_offset
        and (p._stream_unavailable is null or position('{{ name }}' in p._stream_unavailable) = 0)
        {% for k in key %} and p.{{ k }} = {{ then[loop.index0] }}{% endfor %}
      union all
      select s.{{ column }}, -1 from {{ state }} s
      where 1 = 1{% for k in key %} and s.{{ k }} = {{ then[loop.index0] }}{% endfor %}
    ) known
    order by known.o desc
    limit 1
  )
  where l._stream_batch = {{ batch }} and position('{{ name }}' in l._stream_unavailable) > 0
{%- endmacro %}

{# Statement that takes away the current rows of keys that records from an offset on have touched. #}
{% macro stream_forget_current(log, state, key, prior, topic, partition, offset) -%}
  {{ return(adapter.dispatch('stream_forget_current', 'dbt')(log, state, key, prior, topic, partition, offset)) }}
{%- endmacro %}

{# Keys before a change are touched as well. #}
{% macro default__stream_forget_current(log, state, key, prior, topic, partition, offset) -%}
  delete from {{ state }} as s
  where exists (
    select 1 from ({{ stream_key_events(log, key, prior) }}) e
    where e._stream_topic = {{ topic }} and e._stream_partition = {{ partition }} and e._stream_offset >= {{ offset }}
      and {{ stream_same_key(key, 'e', 's') }}
  )
{%- endmacro %}
