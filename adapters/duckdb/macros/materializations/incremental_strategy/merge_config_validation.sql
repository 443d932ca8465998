{# Looks at all merge configs of a model and stops with every fault found. #}
{% macro validate_merge_config(config, target_relation=none) -%}
  {%- set errors = [] -%}
  {%- set kinds = dbt.merge_config_kinds() -%}
  {%- for name, kind in kinds.items() -%}
    {%- set value = config.get(name) -%}
    {%- if kind == 'string' -%}
      {%- do validate_string_field(value, name, errors) -%}
    {%- elif kind == 'mapping' -%}
      {%- do validate_dict_field(value, name, errors) -%}
    {%- else -%}
      {%- do validate_string_list_field(value, name, errors) -%}
    {%- endif -%}
  {%- endfor -%}
  {%- do validate_merge_clauses(config, kinds, errors) -%}
  {%- if not errors -%}
    {%- do validate_ducklake_restrictions(config, target_relation, errors) -%}
  {%- endif -%}
  {%- if errors -%}
    {%- do exceptions.raise_compiler_error('MERGE configuration errors:\n' ~ errors | join('\n')) -%}
  {%- endif -%}
{%- endmacro %}

{# What the simple merge_* configs must be. #}
{% macro merge_config_kinds() -%}
  {{ return({
    'merge_update_condition': 'string',
    'merge_insert_condition': 'string',
    'merge_on_using_columns': 'sequence',
    'merge_update_columns': 'sequence',
    'merge_update_set_expressions': 'mapping',
    'merge_exclude_columns': 'sequence',
    'merge_returning_columns': 'sequence',
  }) }}
{%- endmacro %}

{# merge_clauses: its form, and simple configs beside it that would have no effect. #}
{% macro validate_merge_clauses(config, base_configuration_fields, errors) -%}
  {%- set clauses = config.get('merge_clauses') -%}
  {%- if clauses is none -%}
    {{ return(none) }}
  {%- elif clauses is not mapping -%}
    {%- do errors.append('merge_clauses must be a dictionary, found: ' ~ clauses) -%}
    {{ return(none) }}
  {%- endif -%}
  {%- set given = ['when_matched', 'when_not_matched'] | select('in', clauses) | list -%}
  {%- if not given -%}
    {%- do errors.append("merge_clauses must contain at least one of 'when_matched' or 'when_not_matched' keys") -%}
  {%- endif -%}
  {%- for clause_type in given -%}
    {%- do validate_merge_clause_list(clauses, clause_type, errors) -%}
  {%- endfor -%}
  {%- set idle = [] -%}
  {%- for name, kind in base_configuration_fields.items() if name not in ['merge_on_using_columns', 'merge_returning_columns'] -%}
    {%- set value = config.get(name) -%}
    {%- if value is not none and (kind == 'string' or value | length > 0) -%}
      {%- do idle.append(name) -%}
    {%- endif -%}
  {%- endfor -%}
  {%- if idle -%}
    {%- do errors.append('When merge_clauses is specified, the following basic merge configurations will be ignored and should be removed: ' ~ idle | join(', ') ~ '. Define your merge behavior within merge_clauses instead.') -%}
  {%- endif -%}
{%- endmacro %}

{# One list of merge_clauses: not empty, and of mappings. #}
{% macro validate_merge_clause_list(merge_clauses, clause_type, errors) -%}
  {%- set clauses = merge_clauses.get(clause_type) -%}
  {%- set label = 'merge_clauses.' ~ clause_type -%}
  {%- if clauses is string or clauses is mapping or clauses is not sequence -%}
    {%- do errors.append(label ~ ' must be a list') -%}
  {%- elif clauses | length == 0 -%}
    {%- do errors.append(label ~ ' must contain at least one element') -%}
  {%- else -%}
    {%- for clause in clauses if clause is not mapping -%}
      {%- do errors.append(label ~ ' elements must be dictionaries, found: ' ~ clause) -%}
    {%- endfor -%}
  {%- endif -%}
{%- endmacro %}

{# What DuckLake's MERGE cannot do: return rows, or change them in more than one way. #}
{% macro validate_ducklake_restrictions(config, target_relation, errors) -%}
  {%- if target_relation and adapter.is_ducklake(target_relation) -%}
    {%- if config.get('merge_returning_columns') -%}
      {%- do errors.append('DuckLake MERGE restrictions: merge_returning_columns is not supported because DuckLake does not support RETURNING.') -%}
    {%- endif -%}
    {%- set clauses = config.get('merge_clauses') or {} -%}
    {%- set changing = [] -%}
    {%- for clause in clauses.get('when_matched', []) + clauses.get('when_not_matched', []) if clause.get('action') in ['update', 'delete'] -%}
      {%- do changing.append(clause) -%}
    {%- endfor -%}
    {%- if changing | length > 1 -%}
      {%- do errors.append(
        'DuckLake MERGE restrictions: merge_clauses can contain only a single UPDATE or DELETE action across when_matched and when_not_matched. Found '
        ~ changing | length ~ ' UPDATE/DELETE actions. DuckLake currently supports only one UPDATE or DELETE operation per MERGE statement.'
      ) -%}
    {%- endif -%}
  {%- endif -%}
{%- endmacro %}
