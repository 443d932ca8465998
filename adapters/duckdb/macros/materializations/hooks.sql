{# Runs the hooks of one phase. DuckDB has nothing open that a hook outside the transaction would have to end first. #}
{% macro run_hooks(hooks, inside_transaction=True) %}
  {% for hook in hooks | selectattr('transaction', 'equalto', inside_transaction) %}
    {% do dbt.run_hook_sql(hook, inside_transaction) %}
  {% endfor %}
{% endmacro %}
