{# Keeps the query as a view; a table that has the name makes way for it. #}
{% materialization view, default %}
  {%- set plan = dbt.swap_plan('view') -%}
  {{ run_hooks(pre_hooks, inside_transaction=False) }}
  {%- do dbt.swap_clear_leftovers(plan) -%}
  {{ run_hooks(pre_hooks, inside_transaction=True) }}

  {% call statement('main') -%}
    {{ get_create_view_as_sql(plan.intermediate, sql) }}
  {%- endcall %}
  {% do dbt.swap_names(plan) %}

  {% do dbt.finish_relation(plan.target, plan.existing) %}
  {{ run_hooks(post_hooks, inside_transaction=True) }}
  {% do drop_relation_if_exists(plan.backup) %}
  {% do adapter.commit() %}
  {{ run_hooks(post_hooks, inside_transaction=False) }}
  {{ return({'relations': [plan.target]}) }}
{% endmaterialization %}
