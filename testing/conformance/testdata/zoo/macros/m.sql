{% macro log_it(x, y=1) %}{{ log(x) }}select 1{% endmacro %}
{% macro generate_schema_name(custom_schema_name, node) -%}
  {%- if node.resource_type == 'model' and custom_schema_name is not none -%}{{ custom_schema_name | trim }}_{{ node.fqn[0] }}{%- else -%}{{ target.schema }}{%- endif -%}
{%- endmacro %}
{% macro cents(col) %}({{ col }} / 100.0){% endmacro %}
{% macro uses_cents(col) %}{{ cents(col) }} + {{ zoo.cents(col) }} + {{ dbt.type_string() }}{% endmacro %}
{% macro default__disp(x) %}d{{ x }}{% endmacro %}
{% macro disp(x) %}{{ return(adapter.dispatch('disp', 'zoo')(x)) }}{% endmacro %}
{% materialization mymat, default %}{{ return({'relations': []}) }}{% endmaterialization %}
{% test in_macros(model, column_name, limit_to=3) %}{{ config(fail_calc='sum(n)', error_if='>5') }} select * from {{ model }} where {{ column_name }} > {{ limit_to }}{% endtest %}
