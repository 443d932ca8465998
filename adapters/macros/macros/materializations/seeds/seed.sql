{# Loads a CSV file of the project into a table. #}
{% materialization seed, default %}
  {%- set full_refresh_mode = should_full_refresh() -%}
  {%- set old_relation = adapter.get_relation(database=database, schema=schema, identifier=model['alias']) -%}
  {%- set has_table = old_relation is not none and old_relation.is_table -%}
  {%- set agate_table = load_agate_table() -%}
  {%- do store_result('agate_table', response='OK', agate_table=agate_table) -%}

  {{ run_hooks(pre_hooks, inside_transaction=False) }}
  {{ run_hooks(pre_hooks, inside_transaction=True) }}

  {% if has_table %}
    {% set table_sql = reset_csv_table(model, full_refresh_mode, old_relation, agate_table) %}
  {% elif old_relation is not none and old_relation.is_view %}
    {% do exceptions.raise_compiler_error("Cannot seed to '" ~ old_relation.render() ~ "', it is a view") %}
  {% else %}
    {% set table_sql = create_csv_table(model, agate_table) %}
  {% endif %}

  {% set row_count = agate_table.rows | length %}
  {% set rows_sql = load_csv_rows(model, agate_table) if row_count else '' %}
  {% set code = 'CREATE' if full_refresh_mode else 'INSERT' %}
  {% call noop_statement('main', code ~ ' ' ~ row_count, code, row_count) %}
    {{ get_csv_sql(table_sql, rows_sql) }};
  {% endcall %}

  {% set target_relation = this.incorporate(type='table') %}
  {% do dbt.finish_relation(target_relation, old_relation, full_refresh_mode) %}
  {% if full_refresh_mode or not has_table %}
    {% do create_indexes(target_relation) %}
  {% endif %}

  {{ run_hooks(post_hooks, inside_transaction=True) }}
  {% do adapter.commit() %}
  {{ run_hooks(post_hooks, inside_transaction=False) }}
  {{ return({'relations': [target_relation]}) }}
{% endmaterialization %}
