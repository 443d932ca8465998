{# Counts the rows a test's query finds; with store_failures they are kept first and counted there. #}
{% materialization test, default %}
  {% set sql_header = config.get('sql_header') if flags.REQUIRE_SQL_HEADER_IN_TEST_CONFIGS else none %}
  {% set failing_rows %}
    {{ get_limit_subquery_sql(sql, config.get('limit')) }}
  {% endset %}
  {% set relations = [] %}

  {% if should_store_failures() %}
    {% set kept_as = config.get('store_failures_as') or 'table' %}
    {% if kept_as not in ['table', 'view'] %}
      {% do exceptions.raise_compiler_error(
        "'" ~ kept_as ~ "' is not a valid value for `store_failures_as`. Accepted values are: ['ephemeral', 'table', 'view']"
      ) %}
    {% endif %}
    {% set kept = api.Relation.create(identifier=model['alias'], schema=schema, database=database, type=kept_as) %}
    {% set outgoing = load_cached_relation(kept) %}
    {% if outgoing %}
      {% do dbt.drop_relation_in_transaction(outgoing) %}
    {% endif %}
    {% call statement(auto_begin=True) %}
      {{ sql_header if sql_header }}
      {{ get_create_sql(kept, failing_rows) }}
    {% endcall %}
    {% do adapter.commit() %}
    {% do relations.append(kept) %}
    {% set failing_rows %}
        select *
        from {{ kept }}
    {% endset %}
  {% endif %}

  {#- the limit is already in failing_rows -#}
  {% call statement('main', fetch_result=True) %}
    {{ sql_header if sql_header }}
    {{ get_test_sql(failing_rows, config.get('fail_calc'), config.get('warn_if'), config.get('error_if'), limit=none) }}
  {%- endcall %}
  {{ return({'relations': relations}) }}
{% endmaterialization %}
