{# Call block: its body becomes the model's sql_header, put before the statement that builds it. #}
{% macro set_sql_header(config) -%}
  {{ config.set('sql_header', caller()) }}
{%- endmacro %}

{# Whether to build from scratch: the model's own config, or else the command's flag. #}
{% macro should_full_refresh() -%}
  {%- set own = config.get('full_refresh') -%}
  {{ return(flags.FULL_REFRESH if own is none else own) }}
{%- endmacro %}

{# Whether a test keeps the rows that fail it: its own config, or else the command's flag. #}
{% macro should_store_failures() -%}
  {%- set own = config.get('store_failures') -%}
  {{ return(flags.STORE_FAILURES if own is none else own) }}
{%- endmacro %}
