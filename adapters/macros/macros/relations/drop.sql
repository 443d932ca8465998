{# Statement that drops a relation, by its type. #}
{% macro get_drop_sql(relation) -%}
  {%- do log('Applying DROP to: ' ~ relation) -%}
  {{ return(adapter.dispatch('get_drop_sql', 'dbt')(relation)) }}
{%- endmacro %}

{# Types without a macro of their own are dropped by the name of the type. #}
{% macro default__get_drop_sql(relation) -%}
  {%- if relation.is_table -%}
    {{ drop_table(relation) }}
  {%- elif relation.is_view -%}
    {{ drop_view(relation) }}
  {%- elif relation.is_materialized_view -%}
    {{ drop_materialized_view(relation) }}
  {%- else -%}
    drop {{ relation.type }} if exists {{ relation.render() }} cascade
  {%- endif -%}
{%- endmacro %}

{# Drops a relation. Callers use adapter.drop_relation, which keeps the cache right. #}
{% macro drop_relation(relation) -%}
  {{ return(adapter.dispatch('drop_relation', 'dbt')(relation)) }}
{%- endmacro %}

{# Opens no transaction, so after a commit the drop stands on its own. #}
{% macro default__drop_relation(relation) -%}
  {% call statement('drop_relation', auto_begin=False) -%}
    {{ get_drop_sql(relation) }}
  {%- endcall %}
{%- endmacro %}

{# Drops a relation as part of the transaction, which this begins if need be: if what follows fails, it is still there. #}
{% macro drop_relation_in_transaction(relation) -%}
  {% call statement('drop_relation') -%}
    {{ get_drop_sql(relation) }}
  {%- endcall %}
  {%- do adapter.cache_dropped(relation) -%}
{%- endmacro %}

{# Drops a relation, unless it is none. #}
{% macro drop_relation_if_exists(relation) -%}
  {%- if relation is not none -%}
    {%- do adapter.drop_relation(relation) -%}
  {%- endif -%}
{%- endmacro %}
