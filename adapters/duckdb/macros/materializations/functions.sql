{# A macro: DuckDB's function in SQL. The body may be a query or a bare expression. #}
{% macro duckdb__scalar_function_sql(target_relation) %}
    {%- do unsupported_volatility_warning(model.config.get('volatility')) if model.config.get('volatility') %}
    create or replace macro {{ target_relation.render() }}({{ formatted_scalar_function_args_sql() }}) as (
      cast((
        {{ model.compiled_code }}
      ) as {{ model.returns.data_type }})
    );
{% endmacro %}

{# Names, types and default values. #}
{% macro duckdb__formatted_scalar_function_args_sql() -%}
  {%- for argument in model.arguments -%}
    {%- set fallback = argument.get('default_value', none) -%}
    {{ argument.name }} {{ argument.data_type }}{{ ' := ' ~ fallback if fallback is not none }}{{ ', ' if not loop.last }}
  {%- endfor -%}
{%- endmacro %}
