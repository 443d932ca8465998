{# Keeps the history of a query's rows: each row's versions, with the time from and to which they held. #}
{% materialization snapshot, default %}
  {%- set unique_key = config.get('unique_key') -%}
  {%- set exists, target_relation = get_or_create_relation(
      database=model.database, schema=model.schema, identifier=model.get('alias', model.get('name')), type='table') -%}
  {%- if not target_relation.is_table -%}
    {%- do exceptions.relation_wrong_type(target_relation, 'table') -%}
  {%- endif -%}

  {{ run_hooks(pre_hooks, inside_transaction=False) }}
  {{ run_hooks(pre_hooks, inside_transaction=True) }}

  {#- the fourth argument is unused; strategies in packages still take it -#}
  {% set strategy = strategy_dispatch(config.get('strategy'))(model, 'snapshotted_data', 'source_data', model['config'], exists) %}

  {% if not exists %}
    {% set rows_sql = build_snapshot_table(strategy, model['compiled_code']) %}
    {% set final_sql = create_table_as(False, target_relation, rows_sql) %}
  {% else %}
    {% set names = dbt.snapshot_column_names() %}
    {% do adapter.assert_valid_snapshot_target_given_strategy(target_relation, names, strategy) %}
    {% set rows_sql = snapshot_staging_table(strategy, sql, target_relation) %}
    {% set staging_table = build_snapshot_staging_table(strategy, sql, target_relation) %}
    {% do adapter.expand_target_column_types(from_relation=staging_table, to_relation=target_relation) %}

    {#- helper columns of the staging table stay out of the snapshot; engines may fold their case -#}
    {% set helpers = ['dbt_change_type', 'dbt_unique_key'] %}
    {% for key in strategy.unique_key if unique_key | is_list %}
      {% do helpers.append('dbt_unique_key_' ~ loop.index) %}
    {% endfor %}
    {% set helpers = helpers + (helpers | map('upper') | list) %}
    {% do create_columns(target_relation, adapter.get_missing_columns(staging_table, target_relation) | rejectattr('name', 'in', helpers) | list) %}

    {% set insert_columns = [] %}
    {% for column in adapter.get_columns_in_relation(staging_table) | rejectattr('name', 'in', helpers) %}
      {% do insert_columns.append(adapter.quote(column.name)) %}
    {% endfor %}
    {% set final_sql = snapshot_merge_sql(target=target_relation, source=staging_table, insert_cols=insert_columns) %}
  {% endif %}

  {% do check_time_data_types(rows_sql) %}
  {% call statement('main') %}
    {{ final_sql }}
  {% endcall %}

  {% do dbt.finish_relation(target_relation, exists, full_refresh_mode=False) %}
  {% if not exists %}
    {% do create_indexes(target_relation) %}
  {% endif %}
  {{ run_hooks(post_hooks, inside_transaction=True) }}
  {% do adapter.commit() %}

  {% if staging_table is defined %}
    {% do post_snapshot(staging_table) %}
  {% endif %}
  {{ run_hooks(post_hooks, inside_transaction=False) }}
  {{ return({'relations': [target_relation]}) }}
{% endmaterialization %}
