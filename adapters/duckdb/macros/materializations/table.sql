{# As the neutral one, with Python models, and with what DuckDB asks of tables that have indexes or keys. #}
{% materialization table, adapter='duckdb', supported_languages=['sql', 'python'] %}
  {%- set language = model['language'] -%}
  {%- set plan = dbt.swap_plan('table') -%}
  {%- set keys = duckdb__key_constraint_types(plan.existing) -%}
  {%- set in_place = 'foreign_key' in keys -%}
  {%- do dbt.swap_clear_leftovers(plan) -%}

  {{ run_hooks(pre_hooks, inside_transaction=False) }}
  {{ run_hooks(pre_hooks, inside_transaction=True) }}

  {% set moved = drop_relation_for_rebuild(plan.existing) if in_place and plan.existing is not none else [] %}
  {% set built = plan.target if in_place else plan.intermediate %}
  {% call statement('main', language=language) -%}
    {{- create_table_as(False, built, compiled_code, language,
        partitioned_by=duckdb__get_partitioned_by(plan.target, false),
        sorted_by=duckdb__get_sorted_by(plan.target, false)) }}
  {%- endcall %}
  {% if not in_place %}
    {% set moved = duckdb__free_for_rename(plan.existing, keys) %}
    {% do dbt.swap_names(plan) %}
  {% endif %}
  {% do restore_foreign_key_dependents(moved) %}
  {% do create_indexes(plan.target) %}

  {{ run_hooks(post_hooks, inside_transaction=True) }}
  {% do dbt.finish_relation(plan.target, plan.existing) %}
  {#- in the same transaction: a process that dies leaves the old relation or the new one, and no backup -#}
  {% do drop_relation_if_exists(plan.backup) %}
  {% do adapter.commit() %}
  {{ run_hooks(post_hooks, inside_transaction=False) }}
  {{ return({'relations': [plan.target]}) }}
{% endmaterialization %}

{# Takes away what keeps a table from being renamed: its indexes, and tables that point at it, which are returned for restoring. #}
{% macro duckdb__free_for_rename(relation, keys) -%}
  {%- if relation is none or not relation.is_table -%}
    {{ return([]) }}
  {%- endif -%}
  {%- do drop_indexes_on_relation(relation) -%}
  {{ return(drop_foreign_key_dependents(relation) if 'primary_key' in keys or 'unique' in keys else []) }}
{%- endmacro %}
