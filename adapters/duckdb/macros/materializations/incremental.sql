{# As the neutral one, with Python models, and with what DuckDB asks of tables that have indexes or keys. #}
{% materialization incremental, adapter='duckdb', supported_languages=['sql', 'python'] %}
  {%- set language = model['language'] -%}
  {%- set plan = dbt.swap_plan('table') -%}
  {%- set existing_relation = plan.existing -%}
  {%- set target_relation = plan.target -%}
  {%- set from_scratch = should_full_refresh() or existing_relation.is_view -%}
  {%- set on_schema_change = incremental_validate_on_schema_change(config.get('on_schema_change'), default='ignore') -%}
  {%- do dbt.swap_clear_leftovers(plan) -%}

  {%- set adds_rows = existing_relation is not none and not from_scratch -%}
  {%- set keys = [] if adds_rows else duckdb__key_constraint_types(existing_relation) -%}
  {%- set in_place = existing_relation is none or 'foreign_key' in keys -%}
  {%- set partitioned_by = none if adds_rows else duckdb__get_partitioned_by(target_relation, false) -%}
  {%- set sorted_by = none if adds_rows else duckdb__get_sorted_by(target_relation, false) -%}
  {%- if adds_rows -%}
    {%- set scratch = duckdb__dispatch_temporary_relation(target_relation, adapter.batch_id_for_model(model)) -%}
  {%- endif -%}

  {{ run_hooks(pre_hooks, inside_transaction=False) }}
  {{ run_hooks(pre_hooks, inside_transaction=True) }}

  {% set moved = [] %}
  {% if adds_rows %}
    {% set fill = create_table_as(scratch.temporary, scratch.relation, compiled_code, language, partitioned_by=none, sorted_by=none) %}
    {#- Python may only be started from here -#}
    {% if language == 'python' %}
      {% call statement('pre', language=language) %}
        {{- fill }}
      {% endcall %}
    {% else %}
      {% do run_query(fill) %}
    {% endif %}
    {% set build_sql = duckdb__incremental_rows_sql(scratch.relation, target_relation, existing_relation, on_schema_change) %}
    {% set language = 'sql' %}
  {% else %}
    {% if in_place and existing_relation is not none %}
      {% set moved = drop_relation_for_rebuild(existing_relation) %}
    {% endif %}
    {% set build_sql = create_table_as(False, target_relation if in_place else plan.intermediate, compiled_code, language,
                                       partitioned_by=partitioned_by, sorted_by=sorted_by) %}
  {% endif %}

  {#- DuckLake sets a layout outside a transaction -#}
  {% set lays_out = (partitioned_by or sorted_by) and adapter.is_ducklake(target_relation) %}
  {% call statement('main', language=language, auto_begin=not lays_out) %}
    {{- build_sql }}
  {% endcall %}

  {% if not adds_rows %}
    {% if not in_place %}
      {% set moved = duckdb__free_for_rename(existing_relation, keys) %}
      {% do dbt.swap_names(plan) %}
    {% endif %}
    {% do restore_foreign_key_dependents(moved) %}
    {% do create_indexes(target_relation) %}
  {% endif %}

  {% do dbt.finish_relation(target_relation, existing_relation, from_scratch) %}
  {{ run_hooks(post_hooks, inside_transaction=True) }}
  {% if adds_rows %}
    {% do drop_relation(scratch.relation) %}
  {% elif not in_place %}
    {% do adapter.drop_relation(plan.backup) %}
  {% endif %}
  {% do adapter.commit() %}
  {{ run_hooks(post_hooks, inside_transaction=False) }}
  {{ return({'relations': [target_relation]}) }}
{% endmaterialization %}

{# Settles changed columns, and returns the strategy's script that brings rows from a scratch table into the model's. #}
{% macro duckdb__incremental_rows_sql(temp_relation, target_relation, existing_relation, on_schema_change) -%}
  {%- set strategy_sql = adapter.get_incremental_strategy_macro(context, config.get('incremental_strategy') or 'default') -%}
  {%- do adapter.expand_target_column_types(from_relation=temp_relation, to_relation=target_relation) -%}
  {%- set dest_columns = process_schema_changes(on_schema_change, temp_relation, existing_relation)
                         or adapter.get_columns_in_relation(existing_relation) -%}
  {{ return(strategy_sql({
    'target_relation': target_relation,
    'temp_relation': temp_relation,
    'unique_key': config.get('unique_key'),
    'dest_columns': dest_columns,
    'incremental_predicates': config.get('predicates', none) or config.get('incremental_predicates', none),
  })) }}
{%- endmacro %}
