{# Runs the statement of a function, with its grants and description. #}
{% macro function_execute_build_sql(build_sql, existing_relation, target_relation) -%}
  {{ return(adapter.dispatch('function_execute_build_sql', 'dbt')(build_sql, existing_relation, target_relation)) }}
{%- endmacro %}

{# And commits it. #}
{% macro default__function_execute_build_sql(build_sql, existing_relation, target_relation) %}
  {% call statement(name='main') %}
    {{ build_sql }}
  {% endcall %}
  {% do dbt.finish_relation(target_relation, existing_relation) %}
  {% do adapter.commit() %}
{% endmacro %}
