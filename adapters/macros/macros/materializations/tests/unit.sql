{# Runs a model's query on fixture rows and sets the result beside the expected rows. #}
{% materialization unit, default %}
  {% do dbt.compare_unit_rows(sql) %}
  {{ return({'relations': []}) }}
{% endmaterialization %}

{# Takes the rows of an incremental model's query into the fixture of its table, by the model's strategy, and sets the table beside the expected rows. #}
{% materialization unit_end_state, default %}
  {% set state = make_temp_relation(this.incorporate(type='table'), '__unit_state') %}
  {% set arrived = make_temp_relation(this.incorporate(type='table'), '__unit_arrived') %}
  {% do run_query(get_create_table_as_sql(True, state, config.get('given_this'))) %}
  {% do run_query(get_create_table_as_sql(True, arrived, sql)) %}
  {% set strategy_sql = adapter.get_incremental_strategy_macro(context, config.get('incremental_strategy') or 'default') %}
  {% call statement('advance') %}
    {{ strategy_sql({
      'target_relation': state,
      'temp_relation': arrived,
      'unique_key': config.get('unique_key'),
      'dest_columns': adapter.get_columns_in_relation(state),
      'incremental_predicates': config.get('predicates', none) or config.get('incremental_predicates', none),
    }) }}
  {% endcall %}
  {% do dbt.compare_unit_rows('select * from ' ~ state) %}
  {% do adapter.drop_relation(arrived) %}
  {% do adapter.drop_relation(state) %}
  {{ return({'relations': []}) }}
{% endmaterialization %}

{# Runs the statement 'main' of a unit test: the rows of a query, told apart from those that the test expects. #}
{% macro compare_unit_rows(sql) %}
  {% set sql_header = config.get('sql_header') if flags.REQUIRE_SQL_HEADER_IN_TEST_CONFIGS else none %}
  {% set expected_rows = config.get('expected_rows') %}
  {% set expected_sql = config.get('expected_sql') %}
  {% set expected_names = expected_rows[0].keys() if expected_rows else get_columns_in_query(sql) %}

  {#- an empty scratch table tells the real column types, to which the expected values are cast -#}
  {% set scratch = make_temp_relation(this.incorporate(type='table')) %}
  {% do run_query(get_create_table_as_sql(True, scratch, get_empty_subquery_sql(sql))) %}
  {% set types = {} %}
  {% set quoted = {} %}
  {% for column in adapter.get_columns_in_relation(scratch) %}
    {% do types.update({column.name | lower: column.data_type}) %}
    {% do quoted.update({column.name | lower: column.quoted}) %}
  {% endfor %}

  {#- first, so that a misspelt column is named in an error of its own -#}
  {% set expected_sql = expected_sql or get_expected_sql(expected_rows, types, quoted) %}
  {% set compared = [] %}
  {% for name in expected_names %}
    {% do compared.append(quoted[name | lower]) %}
  {% endfor %}

  {% call statement('main', fetch_result=True) -%}
    {{ sql_header if sql_header }}
    {{ get_unit_test_sql(sql, expected_sql, compared) }}
  {%- endcall %}
  {% do adapter.drop_relation(scratch) %}
{% endmacro %}
