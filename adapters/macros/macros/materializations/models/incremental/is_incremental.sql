{# True when this run only adds to a table that is already there. Always false while parsing. #}
{% macro is_incremental() -%}
  {%- if not execute or config.get('materialized') != 'incremental' -%}
    {{ return(false) }}
  {%- endif -%}
  {%- set built = adapter.get_relation(this.database, this.schema, this.table) -%}
  {{ return(built is not none and built.type == 'table' and not should_full_refresh()) }}
{%- endmacro %}
