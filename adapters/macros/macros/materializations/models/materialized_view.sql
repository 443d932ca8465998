{# Keeps the query as a view whose rows the engine stores; later runs refresh it, or change it as configured. #}
{% materialization materialized_view, default %}
  {% set existing_relation = load_cached_relation(this) %}
  {% set target_relation = this.incorporate(type=this.MaterializedView) %}
  {% set intermediate_relation = make_intermediate_relation(target_relation) %}
  {% set backup_relation = make_backup_relation(target_relation, target_relation.type if existing_relation is none else existing_relation.type) %}

  {{ materialized_view_setup(backup_relation, intermediate_relation, pre_hooks) }}

  {% set build_sql = materialized_view_get_build_sql(existing_relation, target_relation, backup_relation, intermediate_relation) %}
  {% if build_sql == '' %}
    {{ materialized_view_execute_no_op(target_relation) }}
  {% else %}
    {{ materialized_view_execute_build_sql(build_sql, existing_relation, target_relation, post_hooks) }}
  {% endif %}

  {{ materialized_view_teardown(backup_relation, intermediate_relation, post_hooks) }}
  {{ return({'relations': [target_relation]}) }}
{% endmaterialization %}

{# Clears helper relations an earlier run left behind, then runs the hooks that precede the transaction. #}
{% macro materialized_view_setup(backup_relation, intermediate_relation, pre_hooks) %}
  {% do dbt.swap_clear_leftovers({'backup': backup_relation, 'intermediate': intermediate_relation}) %}
  {{ run_hooks(pre_hooks, inside_transaction=False) }}
{% endmacro %}

{# Drops the helper relations, then runs the hooks that follow the transaction. #}
{% macro materialized_view_teardown(backup_relation, intermediate_relation, post_hooks) %}
  {% do drop_relation_if_exists(backup_relation) %}
  {% do drop_relation_if_exists(intermediate_relation) %}
  {{ run_hooks(post_hooks, inside_transaction=False) }}
{% endmacro %}

{# The SQL this run needs: create, replace, alter or refresh; empty text when changes are to be left alone. #}
{% macro materialized_view_get_build_sql(existing_relation, target_relation, backup_relation, intermediate_relation) %}
  {% if existing_relation is none %}
    {{ return(get_create_materialized_view_as_sql(target_relation, sql)) }}
  {% elif should_full_refresh() or not existing_relation.is_materialized_view %}
    {{ return(get_replace_sql(existing_relation, target_relation, sql)) }}
  {% endif %}

  {% set changes = get_materialized_view_configuration_changes(existing_relation, config) %}
  {% if changes is none %}
    {{ return(refresh_materialized_view(target_relation)) }}
  {% endif %}

  {% set reaction = config.get('on_configuration_change') %}
  {% set finding = 'Configuration changes were identified and `on_configuration_change` was set to `' ~ reaction ~ '` for `' ~ target_relation.render() ~ '`' %}
  {% if reaction == 'apply' %}
    {{ return(get_alter_materialized_view_as_sql(target_relation, changes, sql, existing_relation, backup_relation, intermediate_relation)) }}
  {% elif reaction == 'continue' %}
    {% do exceptions.warn(finding) %}
    {{ return('') }}
  {% elif reaction == 'fail' %}
    {% do exceptions.raise_fail_fast_error(finding) %}
  {% endif %}
  {% do exceptions.raise_compiler_error("`on_configuration_change` must be one of apply, continue, fail; found: " ~ reaction) %}
{% endmacro %}

{# Records that nothing was done. #}
{% macro materialized_view_execute_no_op(target_relation) %}
  {% do store_raw_result(name='main', message='skip ' ~ target_relation, code='skip', rows_affected='-1') %}
{% endmacro %}

{# Runs the SQL in a transaction, with its hooks, grants and descriptions. #}
{% macro materialized_view_execute_build_sql(build_sql, existing_relation, target_relation, post_hooks) %}
  {{ run_hooks(pre_hooks, inside_transaction=True) }}
  {% call statement(name='main') %}
    {{ build_sql }}
  {% endcall %}
  {% do dbt.finish_relation(target_relation, existing_relation) %}
  {{ run_hooks(post_hooks, inside_transaction=True) }}
  {% do adapter.commit() %}
{% endmacro %}
