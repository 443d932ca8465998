{# Schema a node is built in. Projects override it to place things their way. #}
{% macro generate_schema_name(custom_schema_name=none, node=none) -%}
  {{ return(adapter.dispatch('generate_schema_name', 'dbt')(custom_schema_name, node)) }}
{%- endmacro %}

{# The target's schema, with the schema config appended: developers never write into each other's. #}
{% macro default__generate_schema_name(custom_schema_name, node) -%}
  {{ target.schema }}{{ '_' ~ custom_schema_name | trim if custom_schema_name is not none }}
{%- endmacro %}

{# Ready-made alternative: the bare schema config in the target named prod, the target's schema elsewhere. #}
{% macro generate_schema_name_for_env(custom_schema_name, node) -%}
  {{ custom_schema_name | trim if custom_schema_name is not none and target.name == 'prod' else target.schema }}
{%- endmacro %}
