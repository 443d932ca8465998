{# Query of a first snapshot: every row is the version that holds. #}
{% macro build_snapshot_table(strategy, sql) -%}
  {{ return(adapter.dispatch('build_snapshot_table', 'dbt')(strategy, sql)) }}
{%- endmacro %}

{# The query's columns, then the snapshot's. #}
{% macro default__build_snapshot_table(strategy, sql) %}
    {% set columns = dbt.snapshot_column_names() %}

    select *,
        {{ strategy.scd_id }} as {{ columns.dbt_scd_id }},
        {{ strategy.updated_at }} as {{ columns.dbt_updated_at }},
        {{ strategy.updated_at }} as {{ columns.dbt_valid_from }},
        {{ get_dbt_valid_to_current(strategy, columns) }}
        {{- ", 'False' as " ~ columns.dbt_is_deleted if strategy.hard_deletes == 'new_record' }}
    from (
        {{ sql }}
    ) sbq
{% endmacro %}

{# Makes the staging table of a later snapshot and returns it. #}
{% macro build_snapshot_staging_table(strategy, sql, target_relation) -%}
  {%- set staging = make_temp_relation(target_relation) -%}
  {%- set rows_sql = snapshot_staging_table(strategy, sql, target_relation) -%}
  {% call statement('build_snapshot_staging_relation') %}
    {{ create_table_as(True, staging, rows_sql) }}
  {% endcall %}
  {{ return(staging) }}
{%- endmacro %}

{# Query of what a later snapshot has to do; dbt_change_type is insert, update or delete. #}
{% macro snapshot_staging_table(strategy, source_sql, target_relation) -%}
  {{ return(adapter.dispatch('snapshot_staging_table', 'dbt')(strategy, source_sql, target_relation)) }}
{%- endmacro %}

{# insert: a version begins. update, delete: the version that held ends. Keys that vanished count with hard_deletes only. #}
{% macro default__snapshot_staging_table(strategy, source_sql, target_relation) -%}
    {%- set columns = dbt.snapshot_column_names() -%}
    {%- set key = strategy.unique_key -%}
    {%- set now = snapshot_get_time() -%}
    {%- set marks_deleted = strategy.hard_deletes == 'new_record' -%}
    {%- set sees_deleted = marks_deleted or strategy.hard_deletes == 'invalidate' -%}
    {%- set was_deleted = 'snapshotted_data.' ~ columns.dbt_is_deleted ~ " = 'True'" -%}
    {%- set changed = '(' ~ strategy.row_changed ~ (' or ' ~ was_deleted if marks_deleted else '') ~ ')' -%}
    {%- set same_key = unique_key_join_on(key, 'snapshotted_data', 'source_data') -%}
    {%- set open_value = config.get('dbt_valid_to_current') | trim if config.get('dbt_valid_to_current') else none -%}
    with snapshot_query as (

        {{ source_sql }}

    ),

    snapshotted_data as (

        select *, {{ unique_key_fields(key) }}
        from {{ target_relation }}
        where
            {% if open_value is not none -%}
            ({{ equals(columns.dbt_valid_to, open_value) }} or {{ columns.dbt_valid_to }} is null)
            {%- else -%}
            {{ columns.dbt_valid_to }} is null
            {%- endif %}

    ),

    insertions_source_data as (

        select *, {{ unique_key_fields(key) }},
            {{ strategy.updated_at }} as {{ columns.dbt_updated_at }},
            {{ strategy.updated_at }} as {{ columns.dbt_valid_from }},
            {{ get_dbt_valid_to_current(strategy, columns) }},
            {{ strategy.scd_id }} as {{ columns.dbt_scd_id }}
        from snapshot_query

    ),

    updates_source_data as (

        select *, {{ unique_key_fields(key) }},
            {{ strategy.updated_at }} as {{ columns.dbt_updated_at }},
            {{ strategy.updated_at }} as {{ columns.dbt_valid_from }},
            {{ strategy.updated_at }} as {{ columns.dbt_valid_to }}
        from snapshot_query

    ),
    {%- if sees_deleted %}

    deletes_source_data as (

        select *, {{ unique_key_fields(key) }}
        from snapshot_query

    ),
    {%- endif %}

    insertions as (

        select
            'insert' as dbt_change_type,
            source_data.*
            {{- ", 'False' as " ~ columns.dbt_is_deleted if marks_deleted }}
        from insertions_source_data as source_data
        left outer join snapshotted_data
            on {{ same_key }}
        where {{ unique_key_is_null(key, 'snapshotted_data') }}
           or ({{ unique_key_is_not_null(key, 'snapshotted_data') }} and {{ changed }})

    ),

    updates as (

        select
            'update' as dbt_change_type,
            source_data.*,
            {{ dbt.snapshot_carried_columns(columns, marks_deleted) }}
        from updates_source_data as source_data
        join snapshotted_data
            on {{ same_key }}
        where {{ changed }}

    )
    {%- if sees_deleted %},

    deletes as (

        select
            'delete' as dbt_change_type,
            source_data.*,
            {{ now }} as {{ columns.dbt_updated_at }},
            {{ now }} as {{ columns.dbt_valid_from }},
            {{ now }} as {{ columns.dbt_valid_to }},
            {{ dbt.snapshot_carried_columns(columns, marks_deleted) }}
        from snapshotted_data
        left join deletes_source_data as source_data
            on {{ same_key }}
        where {{ unique_key_is_null(key, 'source_data') }}
        {{ dbt.snapshot_not_yet_marked(columns, was_deleted, open_value) if marks_deleted }}

    )
    {%- endif %}
    {%- if marks_deleted %},

    deletion_records as (

        select
            'insert' as dbt_change_type,
            {{ dbt.snapshot_last_known_values(source_sql, target_relation) }},
            {% if key | is_list -%}
            {%- for _ in key -%}
            snapshotted_data.dbt_unique_key_{{ loop.index }},
            {% endfor -%}
            {%- else -%}
            snapshotted_data.dbt_unique_key,
            {% endif -%}
            {{ now }} as {{ columns.dbt_updated_at }},
            {{ now }} as {{ columns.dbt_valid_from }},
            snapshotted_data.{{ columns.dbt_valid_to }} as {{ columns.dbt_valid_to }},
            {{ snapshot_hash_arguments([columns.dbt_scd_id, now]) }} as {{ columns.dbt_scd_id }},
            'True' as {{ columns.dbt_is_deleted }}
        from snapshotted_data
        left join deletes_source_data as source_data
            on {{ same_key }}
        where {{ unique_key_is_null(key, 'source_data') }}
        {{ dbt.snapshot_not_yet_marked(columns, was_deleted, open_value) }}

    )
    {%- endif %}

    select * from insertions
    union all
    select * from updates
    {%- if sees_deleted %}
    union all
    select * from deletes
    {%- endif %}
    {%- if marks_deleted %}
    union all
    select * from deletion_records
    {%- endif %}
{%- endmacro %}

{# Columns that end a version: its id, by which it is found again, and whether it stood for a deleted row. #}
{% macro snapshot_carried_columns(columns, marks_deleted) -%}
  snapshotted_data.{{ columns.dbt_scd_id }}{{ ', snapshotted_data.' ~ columns.dbt_is_deleted if marks_deleted }}
{%- endmacro %}

{# Leaves out keys whose version that holds already says deleted: they vanished before this run. #}
{% macro snapshot_not_yet_marked(columns, was_deleted, open_value) -%}
  and not (
            {{ was_deleted }}
            and snapshotted_data.{{ columns.dbt_valid_to }} {{ '= ' ~ open_value if open_value is not none else 'is null' }}
        )
{%- endmacro %}

{# The query's columns as a vanished row last had them; columns new in the query were never known. #}
{% macro snapshot_last_known_values(source_sql, target_relation) -%}
  {%- set known = get_list_of_column_names(get_columns_in_relation(target_relation)) -%}
  {%- set items = [] -%}
  {%- for name in get_columns_in_query(source_sql) -%}
    {%- do items.append(('snapshotted_data.' if name in known else 'source_data.') ~ adapter.quote(name)) -%}
  {%- endfor -%}
  {{ items | join(',\n            ') }}
{%- endmacro %}
