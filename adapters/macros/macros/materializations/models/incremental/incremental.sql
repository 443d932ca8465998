{# A table that later runs add to, by the model's strategy, instead of building it anew. #}
{% materialization incremental, default %}
  {%- set plan = dbt.swap_plan('table') -%}
  {%- set existing_relation = plan.existing -%}
  {%- set target_relation = plan.target -%}
  {%- set from_scratch = should_full_refresh() or existing_relation.is_view -%}
  {%- set on_schema_change = incremental_validate_on_schema_change(config.get('on_schema_change'), default='ignore') -%}
  {%- do dbt.swap_clear_leftovers(plan) -%}

  {{ run_hooks(pre_hooks, inside_transaction=False) }}
  {{ run_hooks(pre_hooks, inside_transaction=True) }}

  {#- asked for in every run, so that an unknown strategy does not wait for the second one to be found out -#}
  {% set strategy_sql = adapter.get_incremental_strategy_macro(context, config.get('incremental_strategy') or 'default') %}

  {% if existing_relation is none %}
    {% set built_as = target_relation %}
    {% set build_sql = get_create_table_as_sql(False, target_relation, sql) %}
  {% elif from_scratch %}
    {% set built_as = plan.intermediate %}
    {% set build_sql = get_create_table_as_sql(False, plan.intermediate, sql) %}
  {% else %}
    {% set built_as = make_temp_relation(target_relation) %}
    {% do run_query(get_create_table_as_sql(True, built_as, sql)) %}
    {% set contract = config.get('contract') %}
    {% if not (contract and contract.enforced) %}
      {% do adapter.expand_target_column_types(from_relation=built_as, to_relation=target_relation) %}
    {% endif %}
    {% set dest_columns = process_schema_changes(on_schema_change, built_as, existing_relation)
                          or adapter.get_columns_in_relation(existing_relation) %}
    {% set build_sql = strategy_sql({
      'target_relation': target_relation,
      'temp_relation': built_as,
      'unique_key': config.get('unique_key'),
      'dest_columns': dest_columns,
      'incremental_predicates': config.get('predicates', none) or config.get('incremental_predicates', none),
    }) %}
  {% endif %}

  {% call statement('main') %}
    {{ build_sql }}
  {% endcall %}

  {% if existing_relation is none or from_scratch %}
    {% do create_indexes(built_as) %}
  {% endif %}
  {% set swapped = existing_relation is not none and from_scratch %}
  {% if swapped %}
    {% do dbt.swap_names(plan) %}
  {% endif %}

  {% do dbt.finish_relation(target_relation, existing_relation, from_scratch) %}
  {{ run_hooks(post_hooks, inside_transaction=True) }}
  {% if swapped %}
    {% do adapter.drop_relation(plan.backup) %}
  {% endif %}
  {% do adapter.commit() %}
  {{ run_hooks(post_hooks, inside_transaction=False) }}
  {{ return({'relations': [target_relation]}) }}
{% endmaterialization %}
