{#- A strategy is a macro snapshot_<name>_strategy. It returns a mapping: unique_key, updated_at (SQL of the time a version
    begins), row_changed (SQL condition), scd_id (SQL of a version's id), hard_deletes and invalidate_hard_deletes. -#}

{# Finds the macro of a strategy; a name may be package.name. #}
{% macro strategy_dispatch(name) -%}
  {%- set package, bare = name.split('.', 1) if '.' in name else (none, name) -%}
  {%- if package is not none and package not in context -%}
    {%- do exceptions.raise_compiler_error("Could not find package '" ~ package ~ "', called with '" ~ name ~ "'") -%}
  {%- endif -%}
  {%- set place = context if package is none else context[package] -%}
  {%- set macro_name = 'snapshot_' ~ bare ~ '_strategy' -%}
  {%- if macro_name not in place -%}
    {%- do exceptions.raise_compiler_error("The specified strategy macro '" ~ bare ~ "' was not found in package '" ~ package ~ "'") -%}
  {%- endif -%}
  {{ return(place[macro_name]) }}
{%- endmacro %}

{# Hash of several expressions, to be a version's id. #}
{% macro snapshot_hash_arguments(args) -%}
  {{ return(adapter.dispatch('snapshot_hash_arguments', 'dbt')(args)) }}
{%- endmacro %}

{# Nulls count as empty, and a bar keeps ('a', 'bc') and ('ab', 'c') apart. #}
{% macro default__snapshot_hash_arguments(args) -%}
  {%- set parts = [] -%}
  {%- for arg in args -%}
    {%- do parts.append('coalesce(cast(' ~ arg ~ " as varchar ), '')") -%}
  {%- endfor -%}
  md5({{ parts | join("\n         || '|' || ") }}
        )
{%- endmacro %}

{# A time written as text, as SQL of the type snapshots store. #}
{% macro snapshot_string_as_time(timestamp) -%}
  {{ return(adapter.dispatch('snapshot_string_as_time', 'dbt')(timestamp)) }}
{%- endmacro %}

{# Every engine has its own. #}
{% macro default__snapshot_string_as_time(timestamp) -%}
  {% do dbt.missing_for_adapter('snapshot_string_as_time') %}
{%- endmacro %}

{# The mapping every built-in strategy returns. #}
{% macro snapshot_strategy_result(unique_key, updated_at, row_changed) -%}
  {%- set hard_deletes = adapter.get_hard_deletes_behavior(config) -%}
  {{ return({
    'unique_key': unique_key,
    'updated_at': updated_at,
    'row_changed': row_changed,
    'scd_id': snapshot_hash_arguments(api.Relation.scd_args(unique_key, updated_at)),
    'invalidate_hard_deletes': hard_deletes == 'invalidate',
    'hard_deletes': hard_deletes,
  }) }}
{%- endmacro %}

{# Strategy timestamp: a row changed when its updated_at is later than the version that holds began. model_config is unused. #}
{% macro snapshot_timestamp_strategy(node, snapshotted_rel, current_rel, model_config, target_exists) -%}
  {%- set updated_at = config.get('updated_at') -%}
  {#- compared with valid_from, for a table begun with another strategy may not have the user's column -#}
  {%- set began = snapshotted_rel ~ '.' ~ dbt.snapshot_column_names().dbt_valid_from -%}
  {{ return(dbt.snapshot_strategy_result(config.get('unique_key'), updated_at, '(' ~ began ~ ' < ' ~ current_rel ~ '.' ~ updated_at ~ ')')) }}
{%- endmacro %}

{# Strategy check: a row changed when one of check_cols has another value, null being a value. model_config is unused. #}
{% macro snapshot_check_strategy(node, snapshotted_rel, current_rel, model_config, target_exists) -%}
  {%- set column_added, compared = snapshot_check_all_get_existing_columns(node, target_exists, config.get('check_cols')) -%}
  {%- set differences = [] -%}
  {%- for column in compared -%}
    {%- set old, new = snapshotted_rel ~ '.' ~ column, current_rel ~ '.' ~ column -%}
    {%- do differences.append(
      old ~ ' != ' ~ new ~ ' or ((' ~ old ~ ' is null) and not (' ~ new ~ ' is null)) or ((not ' ~ old ~ ' is null) and (' ~ new ~ ' is null))'
    ) -%}
  {%- endfor -%}
  {%- set row_changed = get_true_sql() if column_added else differences | join('\n    or ') -%}
  {{ return(dbt.snapshot_strategy_result(config.get('unique_key'), config.get('updated_at') or snapshot_get_time(), '(' ~ row_changed ~ ')')) }}
{%- endmacro %}

{# (has the query gained a compared column, [quoted compared columns that the table has]); nothing is compared in a first snapshot. #}
{% macro snapshot_check_all_get_existing_columns(node, target_exists, check_cols_config) -%}
  {%- if not target_exists -%}
    {{ return((false, [])) }}
  {%- endif -%}
  {%- if check_cols_config == 'all' -%}
    {%- set queried = get_columns_in_query(node['compiled_code']) -%}
  {%- elif check_cols_config is iterable and check_cols_config | length > 0 -%}
    {#- asked from the engine, which gives the names in their real case; a line end closes a comment that ends the query -#}
    {%- set queried = get_columns_in_query(
      'select ' ~ check_cols_config | join(', ') ~ ' from (\n' ~ node['compiled_code'] ~ '\n) subq'
    ) -%}
  {%- else -%}
    {%- do exceptions.raise_compiler_error("Invalid value for 'check_cols': " ~ check_cols_config) -%}
  {%- endif -%}
  {%- set target_relation = adapter.get_relation(database=node.database, schema=node.schema, identifier=node.alias) -%}
  {%- set existing = get_list_of_column_names(adapter.get_columns_in_relation(target_relation)) -%}
  {%- set shared = [] -%}
  {%- for name in queried if name in existing -%}{%- do shared.append(adapter.quote(name)) -%}{%- endfor -%}
  {{ return((shared | length < queried | length, shared)) }}
{%- endmacro %}
