{# Replaces the view if the changes ask for that, else only sets its indexes right. #}
{% macro postgres__get_alter_materialized_view_as_sql(relation, configuration_changes, sql, existing_relation, backup_relation, intermediate_relation) -%}
  {%- if configuration_changes.requires_full_refresh -%}
    {{ get_replace_sql(existing_relation, relation, sql) }}
  {%- else -%}
    {{ postgres__update_indexes_on_materialized_view(relation, configuration_changes.indexes) }}
  {%- endif -%}
{%- endmacro %}

{# Script of the changes, each {action: drop or create, context: the index}. #}
{% macro postgres__update_indexes_on_materialized_view(relation, index_changes) -%}
  {%- do log('Applying UPDATE INDEXES to: ' ~ relation) -%}
  {%- for change in index_changes -%}
    {%- if change.action == 'drop' -%}
      {{ postgres__get_drop_index_sql(relation, change.context.name) }}
    {%- else -%}
      {{ postgres__get_create_index_sql(relation, change.context) }}
    {%- endif -%}
    {{ ';\n' if not loop.last }}
  {%- endfor -%}
{%- endmacro %}

{# Indexes to drop and to create; none when there are no such. Two are the same by columns, in any order, method and uniqueness. #}
{% macro postgres__get_materialized_view_configuration_changes(existing_relation, new_config) -%}
  {%- set wanted = {} -%}
  {%- for entry in new_config.get('indexes', []) -%}
    {%- do wanted.update({postgres__index_identity(entry['columns'], entry.get('type'), entry.get('unique')): entry}) -%}
  {%- endfor -%}
  {%- set changes = [] -%}
  {%- set present = [] -%}
  {%- for row in postgres__describe_materialized_view(existing_relation)['indexes'] -%}
    {%- set identity = postgres__index_identity(row['column_names'].split(','), row['method'], row['unique']) -%}
    {%- do present.append(identity) -%}
    {%- if identity not in wanted -%}
      {%- do changes.append({'action': 'drop', 'context': {'name': row['name']}}) -%}
    {%- endif -%}
  {%- endfor -%}
  {%- for identity, entry in wanted.items() if identity not in present -%}
    {%- do changes.append({'action': 'create', 'context': entry}) -%}
  {%- endfor -%}
  {{ return({'indexes': changes, 'requires_full_refresh': false} if changes else none) }}
{%- endmacro %}

{# What makes two indexes the same, as text. #}
{% macro postgres__index_identity(columns, method, unique) -%}
  {{ return((method or 'btree') ~ (' unique ' if unique else ' ') ~ columns | sort | join(',')) }}
{%- endmacro %}
