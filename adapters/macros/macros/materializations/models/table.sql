{# Builds the query's result as a table, anew in every run. #}
{% materialization table, default %}
  {%- set plan = dbt.swap_plan('table') -%}
  {%- do dbt.swap_clear_leftovers(plan) -%}

  {{ run_hooks(pre_hooks, inside_transaction=False) }}
  {{ run_hooks(pre_hooks, inside_transaction=True) }}

  {% call statement('main') -%}
    {{ get_create_table_as_sql(False, plan.intermediate, sql) }}
  {%- endcall %}
  {% do create_indexes(plan.intermediate) %}
  {% do dbt.swap_names(plan) %}

  {{ run_hooks(post_hooks, inside_transaction=True) }}
  {% do dbt.finish_relation(plan.target, plan.existing) %}
  {#- in the same transaction: a process that dies leaves the old relation or the new one, and no backup -#}
  {% do drop_relation_if_exists(plan.backup) %}
  {% do adapter.commit() %}
  {{ run_hooks(post_hooks, inside_transaction=False) }}
  {{ return({'relations': [plan.target]}) }}
{% endmaterialization %}
