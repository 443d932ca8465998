{# The method of an index cannot be chosen. #}
{% macro duckdb__get_create_index_sql(relation, index_dict) -%}
  {%- set index = adapter.parse_index(index_dict) -%}
  create {{ 'unique ' if index.unique }}index "{{ index.render(relation) }}"
  on {{ relation }} ({{ index.columns | join(', ') }});
{%- endmacro %}

{# The indexes of a table: name, whether it is unique, and what it is over. #}
{% macro indexes_of_relation(relation) -%}
  {% call statement('indexes_of', fetch_result=True, auto_begin=False) %}
    select index_name, is_unique, array_to_string(expressions::varchar[], ', ') as expressions_sql
    from duckdb_indexes()
    where database_name = '{{ relation.database }}'
      and schema_name = '{{ relation.schema }}'
      and table_name = '{{ relation.identifier }}'
    order by index_oid
  {% endcall %}
  {{ return(load_result('indexes_of').table.rows | list) }}
{%- endmacro %}

{# A table with indexes can be neither renamed nor altered. Opens no transaction, so that it may follow a commit. #}
{% macro drop_indexes_on_relation(relation) -%}
  {%- for index in indexes_of_relation(relation) -%}
    {% call statement('drop_index_' ~ loop.index, auto_begin=False) %}
      drop index "{{ relation.database }}"."{{ relation.schema }}"."{{ index.index_name }}"
    {% endcall %}
  {%- endfor -%}
{%- endmacro %}
