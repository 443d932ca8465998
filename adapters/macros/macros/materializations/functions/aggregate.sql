{# The part of an aggregate function's statement before its body. #}
{% macro get_aggregate_function_create_replace_signature(target_relation) -%}
  {{ return(adapter.dispatch('get_aggregate_function_create_replace_signature', 'dbt')(target_relation)) }}
{%- endmacro %}

{# Name, arguments, type of the result, language and its options. #}
{% macro default__get_aggregate_function_create_replace_signature(target_relation) %}
    CREATE OR REPLACE AGGREGATE FUNCTION {{ target_relation.render() }} ({{ get_formatted_aggregate_function_args() | trim }})
    RETURNS {{ model.returns.data_type }}
    {{ get_function_language_specifier() }}
    {{ get_aggregate_function_volatility_specifier() }}
    {{ get_function_python_options() if model.get('language') == 'python' }}
    AS
{% endmacro %}

{# Arguments of an aggregate function. #}
{% macro get_formatted_aggregate_function_args() -%}
  {{ return(adapter.dispatch('get_formatted_aggregate_function_args', 'dbt')()) }}
{%- endmacro %}

{# Written like those of a scalar one. #}
{% macro default__get_formatted_aggregate_function_args() -%}
  {{ formatted_scalar_function_args_sql() }}
{%- endmacro %}

{# Clause that names a function's language. #}
{% macro get_function_language_specifier() -%}
  {{ return(adapter.dispatch('get_function_language_specifier', 'dbt')()) }}
{%- endmacro %}

{# SQL needs none. #}
{% macro default__get_function_language_specifier() -%}
  {%- set language = model.get('language') -%}
  {%- if language != 'sql' -%}
    LANGUAGE {{ {'javascript': 'js'}.get(language, language.upper()) }}
  {%- endif -%}
{%- endmacro %}

{# Keyword for the volatility config of an aggregate function. #}
{% macro get_aggregate_function_volatility_specifier() -%}
  {{ return(adapter.dispatch('get_aggregate_function_volatility_specifier', 'dbt')()) }}
{%- endmacro %}

{# Written like that of a scalar one. #}
{% macro default__get_aggregate_function_volatility_specifier() -%}
  {{ scalar_function_volatility_sql() }}
{%- endmacro %}

{# Options of a function in Python: version, entry point, packages. #}
{% macro get_function_python_options() -%}
  {{ return(adapter.dispatch('get_function_python_options', 'dbt')()) }}
{%- endmacro %}

{# From the configs runtime_version, entry_point and packages. #}
{% macro default__get_function_python_options() %}
    {%- set packages = model.config.get('packages') or [] %}
    RUNTIME_VERSION = '{{ model.config.get('runtime_version') }}'
    HANDLER = '{{ model.config.get('entry_point') }}'
    {{ "PACKAGES = ('" ~ packages | join("','") ~ "')" if packages }}
{% endmacro %}
