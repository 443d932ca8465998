{# Columns of an existing relation, as a list of Column objects. #}
{% macro get_columns_in_relation(relation) -%}
  {{ return(adapter.dispatch('get_columns_in_relation', 'dbt')(relation)) }}
{%- endmacro %}

{# Every engine reads its own catalog. #}
{% macro default__get_columns_in_relation(relation) -%}
  {% do dbt.missing_for_adapter('get_columns_in_relation') %}
{%- endmacro %}

{# Rows of (name, type, char size, precision, scale) as Column objects. #}
{% macro sql_convert_columns_in_relation(table) -%}
  {%- set result = [] -%}
  {%- for row in table -%}{%- do result.append(api.Column(*row)) -%}{%- endfor -%}
  {{ return(result) }}
{%- endmacro %}

{# The bare names of a list of columns. #}
{% macro get_list_of_column_names(columns) -%}
  {{ return(columns | map(attribute='name') | list) }}
{%- endmacro %}

{# The query wrapped so that it returns its columns but no rows. #}
{% macro get_empty_subquery_sql(select_sql, select_sql_header=none) -%}
  {{ return(adapter.dispatch('get_empty_subquery_sql', 'dbt')(select_sql, select_sql_header)) }}
{%- endmacro %}

{# Two guards, so that engines that ignore one of them in planning still read nothing. #}
{% macro default__get_empty_subquery_sql(select_sql, select_sql_header=none) %}
    {{- select_sql_header if select_sql_header is not none -}}
    select * from (
        {{ select_sql }}
    ) as __dbt_sbq
    where false
    limit 0
{% endmacro %}

{# A row-less select with the names and types written in a contract. #}
{% macro get_empty_schema_sql(columns) -%}
  {{ return(adapter.dispatch('get_empty_schema_sql', 'dbt')(columns)) }}
{%- endmacro %}

{# columns is the model's columns mapping; a missing type is an error, a bare numeric type a warning. #}
{% macro default__get_empty_schema_sql(columns) %}
    {%- set untyped = [] -%}
    {%- set imprecise = [] -%}
    {%- set items = [] -%}
    {%- for column in columns.values() -%}
      {%- set type = column.get('data_type') -%}
      {%- if not type -%}
        {%- do untyped.append(column['name']) -%}
      {%- elif type.strip().lower() in ['numeric', 'decimal', 'number'] -%}
        {%- do imprecise.append(column['name']) -%}
      {%- endif -%}
      {%- set shown = adapter.quote(column['name']) if column.get('quote') else column['name'] -%}
      {%- do items.append((cast('null', type) | trim) ~ ' as ' ~ shown) -%}
    {%- endfor -%}
    {%- if untyped -%}
      {%- do exceptions.column_type_missing(column_names=untyped) -%}
    {%- elif imprecise -%}
      {%- do exceptions.warn("Detected columns with numeric type and unspecified precision/scale, this can lead to unintended rounding: " ~ imprecise ~ "`") -%}
    {%- endif %}
    select
      {{ items | join(',\n      ') }}
{% endmacro %}

{# Columns a query would return, asked from the engine without reading data. #}
{% macro get_column_schema_from_query(select_sql, select_sql_header=none) -%}
  {{ return(adapter.get_column_schema_from_query(get_empty_subquery_sql(select_sql, select_sql_header))) }}
{%- endmacro %}

{# Names of the columns a query would return. #}
{% macro get_columns_in_query(select_sql) -%}
  {{ return(adapter.dispatch('get_columns_in_query', 'dbt')(select_sql)) }}
{%- endmacro %}

{# Runs the query emptied, and looks at the result's header. #}
{% macro default__get_columns_in_query(select_sql) %}
  {% call statement('get_columns_in_query', fetch_result=True, auto_begin=False) -%}
    {{ get_empty_subquery_sql(select_sql) }}
  {%- endcall %}
  {{ return(load_result('get_columns_in_query').table.columns | map(attribute='name') | list) }}
{% endmacro %}

{# Gives a column of a table another type, keeping its values. #}
{% macro alter_column_type(relation, column_name, new_column_type) -%}
  {{ return(adapter.dispatch('alter_column_type', 'dbt')(relation, column_name, new_column_type)) }}
{%- endmacro %}

{# Through a second column, because few engines convert in place; the old column goes with its dependents. #}
{% macro default__alter_column_type(relation, column_name, new_column_type) -%}
  {%- set table = relation.render() -%}
  {%- set old = adapter.quote(column_name) -%}
  {%- set new = adapter.quote(column_name ~ '__dbt_alter') -%}
  {% call statement('alter_column_type') %}
    alter table {{ table }} add column {{ new }} {{ new_column_type }};
    update {{ table }} set {{ new }} = {{ old }};
    alter table {{ table }} drop column {{ old }} cascade;
    alter table {{ table }} rename column {{ new }} to {{ old }}
  {% endcall %}
{%- endmacro %}

{# Adds and drops columns of an existing relation. #}
{% macro alter_relation_add_remove_columns(relation, add_columns=none, remove_columns=none) -%}
  {{ return(adapter.dispatch('alter_relation_add_remove_columns', 'dbt')(relation, add_columns, remove_columns)) }}
{%- endmacro %}

{# One ALTER with a clause per column. #}
{% macro default__alter_relation_add_remove_columns(relation, add_columns, remove_columns) %}
  {% set clauses = [] %}
  {% for column in add_columns or [] %}
    {% do clauses.append('add column ' ~ column.quoted ~ ' ' ~ column.expanded_data_type) %}
  {% endfor %}
  {% for column in remove_columns or [] %}
    {% do clauses.append('drop column ' ~ column.quoted) %}
  {% endfor %}
  {% if clauses %}
    {% do run_query('alter ' ~ relation.type ~ ' ' ~ relation.render() ~ '\n  ' ~ clauses | join(',\n  ')) %}
  {% endif %}
{% endmacro %}
