{# The value itself if it is a known one, else the default, with a line in the log. #}
{% macro incremental_validate_on_schema_change(on_schema_change, default='ignore') -%}
  {%- if on_schema_change in ['ignore', 'fail', 'append_new_columns', 'sync_all_columns'] -%}
    {{ return(on_schema_change) }}
  {%- endif -%}
  {%- do log('Invalid value for on_schema_change (' ~ on_schema_change ~ ') specified. Setting default value of ' ~ default ~ '.') -%}
  {{ return(default) }}
{%- endmacro %}

{# How the columns of a new result differ from those of the table it goes to. #}
{% macro check_for_schema_changes(source_relation, target_relation) -%}
  {{ return(adapter.dispatch('check_for_schema_changes', 'dbt')(source_relation, target_relation)) }}
{%- endmacro %}

{# A mapping: schema_changed, source_not_in_target, target_not_in_source, source_columns, target_columns, new_target_types. #}
{% macro default__check_for_schema_changes(source_relation, target_relation) -%}
  {%- set ours = adapter.get_columns_in_relation(source_relation) -%}
  {%- set theirs = adapter.get_columns_in_relation(target_relation) -%}
  {%- set added = diff_columns(ours, theirs) -%}
  {%- set removed = diff_columns(theirs, ours) -%}
  {%- set retyped = diff_column_data_types(ours, theirs) -%}
  {%- set changed = (added or removed or retyped) | length > 0 -%}
  {%- do log(
    'In ' ~ target_relation ~ ':\n  Schema changed: ' ~ changed ~ '\n  Source columns not in target: ' ~ added
    ~ '\n  Target columns not in source: ' ~ removed ~ '\n  New column types: ' ~ retyped
  ) -%}
  {{ return({
    'schema_changed': changed,
    'source_not_in_target': added,
    'target_not_in_source': removed,
    'source_columns': ours,
    'target_columns': theirs,
    'new_target_types': retyped,
  }) }}
{%- endmacro %}

{# Alters a table as far as on_schema_change allows. #}
{% macro sync_column_schemas(on_schema_change, target_relation, schema_changes_dict) -%}
  {{ return(adapter.dispatch('sync_column_schemas', 'dbt')(on_schema_change, target_relation, schema_changes_dict)) }}
{%- endmacro %}

{# append_new_columns only adds; sync_all_columns also drops and retypes. #}
{% macro default__sync_column_schemas(on_schema_change, target_relation, schema_changes_dict) -%}
  {%- set complete = on_schema_change == 'sync_all_columns' -%}
  {%- set added = schema_changes_dict['source_not_in_target'] if complete or on_schema_change == 'append_new_columns' else [] -%}
  {%- set removed = schema_changes_dict['target_not_in_source'] if complete else [] -%}
  {%- set retyped = schema_changes_dict['new_target_types'] if complete else [] -%}
  {%- if added or removed -%}
    {%- do alter_relation_add_remove_columns(target_relation, added, removed if complete else none) -%}
  {%- endif -%}
  {%- for change in retyped -%}
    {%- do alter_column_type(target_relation, change['column_name'], change['new_type']) -%}
  {%- endfor -%}
  {%- do log(
    'In ' ~ target_relation ~ ':\n  Schema change approach: ' ~ on_schema_change ~ '\n  Columns added: ' ~ added
    ~ '\n  Columns removed: ' ~ removed ~ '\n  Data types changed: ' ~ retyped
  ) -%}
{%- endmacro %}

{# Finds and handles changed columns; returns the columns to write, or {} when changes are ignored. #}
{% macro process_schema_changes(on_schema_change, source_relation, target_relation) -%}
  {{ return(adapter.dispatch('process_schema_changes', 'dbt')(on_schema_change, source_relation, target_relation)) }}
{%- endmacro %}

{# With fail, any change ends the run and says what it was. A result of this run has columns: when the catalog shows none,
   comparing would drop all of the target's. #}
{% macro default__process_schema_changes(on_schema_change, source_relation, target_relation) -%}
  {%- if on_schema_change == 'ignore' -%}
    {{ return({}) }}
  {%- endif -%}
  {%- set changes = check_for_schema_changes(source_relation, target_relation) -%}
  {%- if not changes['source_columns'] -%}
    {%- do unreadable_source_columns(on_schema_change, source_relation, target_relation) -%}
  {%- endif -%}
  {%- if changes['schema_changed'] and on_schema_change == 'fail' -%}
    {% set complaint %}
      The source and target schemas on this incremental model are out of sync!
      Ways to bring them together:
        - set on_schema_change to append_new_columns or sync_all_columns;
        - rebuild the table with --full-refresh, or with `full_refresh: true` in the model's config;
        - alter the table by hand, then run again.

      What differs:
        Source columns not in target: {{ changes['source_not_in_target'] }}
        Target columns not in source: {{ changes['target_not_in_source'] }}
        New column types: {{ changes['new_target_types'] }}
    {% endset %}
    {%- do exceptions.raise_compiler_error(complaint) -%}
  {%- elif changes['schema_changed'] -%}
    {%- do sync_column_schemas(on_schema_change, target_relation, changes) -%}
  {%- endif -%}
  {{ return(changes['source_columns']) }}
{%- endmacro %}

{# append_new_columns drops nothing, and the caller then writes the columns of the target: a warning. Anything else is an error. #}
{% macro unreadable_source_columns(on_schema_change, source_relation, target_relation) -%}
  {% set complaint %}
    Could not read any columns for {{ source_relation }} while looking for schema changes of {{ target_relation }} (on_schema_change='{{ on_schema_change }}').
    This is a metadata failure: the relation was built by this run and is not empty of columns. Perhaps the catalog does not
    show temporary relations to this connection, or the relation is in another database than the connection.
    {% if on_schema_change == 'append_new_columns' -%}
    New columns stay out of {{ target_relation }} until they can be read, or until a run with --full-refresh.
    {%- else -%}
    Nothing was changed. Run the model with --full-refresh, or set on_schema_change to ignore.
    {%- endif %}
  {% endset %}
  {%- if on_schema_change == 'append_new_columns' -%}
    {%- do exceptions.warn(complaint) -%}
  {%- else -%}
    {%- do exceptions.raise_compiler_error(complaint) -%}
  {%- endif -%}
{%- endmacro %}
