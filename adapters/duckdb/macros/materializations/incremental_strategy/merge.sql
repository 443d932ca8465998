{# One MERGE, as the merge_* configs say. #}
{% macro duckdb__get_incremental_merge_sql(args_dict) -%}
  {{ return(get_merge_sql(
    args_dict['target_relation'],
    args_dict['temp_relation'],
    args_dict['unique_key'],
    args_dict['dest_columns'],
    normalize_incremental_predicates(args_dict.get('incremental_predicates'))
  )) }}
{%- endmacro %}

{# merge_clauses gives every clause by itself; without it, rows that match are updated and the others inserted, by column name. #}
{% macro duckdb__get_merge_sql(target, source, unique_key, dest_columns, incremental_predicates=none) -%}
    {%- do validate_merge_config(config, target) -%}
    {%- set defaults = merge_clause_defaults(
      config.get('merge_update_condition', none),
      config.get('merge_insert_condition', none),
      config.get('merge_update_columns') or [],
      config.get('merge_exclude_columns') or [],
      config.get('merge_update_set_expressions') or {}
    ) -%}
    {%- set picks_columns = config.get('merge_update_columns') or config.get('merge_exclude_columns') or config.get('merge_update_set_expressions') -%}
    {%- set clauses = config.get('merge_clauses') or {} -%}
    {%- set matched = clauses.get('when_matched', [defaults.when_matched_update_explicit if picks_columns else defaults.when_matched_update_by_name]) -%}
    {%- set not_matched = clauses.get('when_not_matched', [defaults.when_not_matched_insert_by_name]) -%}
    {%- set returning = config.get('merge_returning_columns') or [] -%}
    {%- set sql_header = config.get('sql_header', none) -%}
    {{ sql_header if sql_header is not none }}

    MERGE INTO {{ target }} AS DBT_INTERNAL_DEST
        USING {{ source }} AS DBT_INTERNAL_SOURCE
        {{ duckdb__merge_join_clause(unique_key, config.get('merge_on_using_columns') or [], incremental_predicates) }}
    {%- for clause in matched %}
    WHEN MATCHED{{ duckdb__merge_condition(clause) }}
    THEN {{ duckdb__merge_action(clause, clause.get('update') or {}, dest_columns) }}
    {%- endfor %}
    {%- for clause in not_matched %}
    WHEN NOT MATCHED{{ ' BY ' ~ clause.get('by') | upper if clause.get('by') }}{{ duckdb__merge_condition(clause) }}
    THEN {{ duckdb__merge_action(clause, {'set_only': clause.get('set_expressions') or {}}, dest_columns) }}
    {%- endfor %}
    {{ 'RETURNING ' ~ (returning if returning is string else returning | join(', ')) if returning }}
{% endmacro %}

{# Which rows match: by the key, or by columns of the same name on both sides; nothing where neither is given. #}
{% macro duckdb__merge_join_clause(unique_key, merge_on_using_columns, incremental_predicates) -%}
    {%- set terms = [] -%}
    {%- set keys = merge_on_using_columns or (unique_key if unique_key is sequence and unique_key is not string and unique_key is not mapping else [unique_key]) -%}
    {%- for key in keys if key -%}
      {%- do terms.append('DBT_INTERNAL_SOURCE.' ~ key ~ ' = DBT_INTERNAL_DEST.' ~ key) -%}
    {%- else -%}
      {%- do terms.append('FALSE') -%}
    {%- endfor -%}
    {%- set predicates = normalize_incremental_predicates(incremental_predicates) -%}
    {%- if merge_on_using_columns and not predicates -%}
      USING ({{ merge_on_using_columns | join(', ') }})
    {%- else -%}
      ON ({{ (terms + predicates) | join(') AND (') }})
    {%- endif -%}
{%- endmacro %}

{# A clause's condition, one text or several that must all hold. #}
{% macro duckdb__merge_condition(clause) -%}
  {%- set condition = clause.get('condition') -%}
  {%- if condition %} AND {{ condition if condition is string else '(' ~ condition | join(') AND (') ~ ')' }}{%- endif -%}
{%- endmacro %}

{# What a clause does with its rows: update, insert, delete, error or nothing. #}
{% macro duckdb__merge_action(clause, update, dest_columns) -%}
  {%- set action = clause.get('action') -%}
  {%- if action == 'update' -%}
    {{ duckdb__merge_update(clause.get('mode'), update, dest_columns) }}
  {%- elif action == 'insert' -%}
    {{ duckdb__merge_insert(clause.get('mode'), clause.get('insert') or {}) }}
  {%- elif action == 'delete' -%}
    DELETE
  {%- elif action == 'do_nothing' -%}
    DO NOTHING
  {%- elif action == 'error' -%}
    ERROR{{ " '" ~ clause.get('error_message') | replace("'", "''") ~ "'" if clause.get('error_message') }}
  {%- endif -%}
{%- endmacro %}

{# The update of a clause. explicit: set_expressions, and the chosen columns from the source; rows without a source have set_only. #}
{% macro duckdb__merge_update(mode, update, dest_columns) -%}
  {%- if 'set_only' not in update and mode in ['by_name', 'by_position', 'star'] -%}
    UPDATE {{ {'by_name': 'BY NAME', 'by_position': 'BY POSITION', 'star': 'SET *'}[mode] }}
  {%- elif 'set_only' in update or mode == 'explicit' -%}
    {%- set expressions = update.get('set_only', update.get('set_expressions') or {}) -%}
    {%- set items = [] -%}
    {%- for column, expression in expressions.items() -%}
      {%- do items.append(column ~ ' = ' ~ expression) -%}
    {%- endfor -%}
    {%- if 'set_only' not in update -%}
      {%- for column in get_merge_update_columns(update.get('include') or [], update.get('exclude') or [], dest_columns)
            if column.replace('"', '').replace("'", '') not in expressions -%}
        {%- do items.append(column ~ ' = DBT_INTERNAL_SOURCE.' ~ column) -%}
      {%- endfor -%}
    {%- endif -%}
    UPDATE SET {{ items | join(', ') }}
  {%- endif -%}
{%- endmacro %}

{# The insert of a clause. explicit: the columns and values it names. #}
{% macro duckdb__merge_insert(mode, insert) -%}
  {%- if mode == 'explicit' -%}
    INSERT ({{ insert.get('columns', []) | join(', ') }}) VALUES ({{ insert.get('values', []) | join(', ') }})
  {%- else -%}
    INSERT {{ {'by_name': 'BY NAME', 'by_position': 'BY POSITION', 'star': '*'}.get(mode, '') }}
  {%- endif -%}
{%- endmacro %}
