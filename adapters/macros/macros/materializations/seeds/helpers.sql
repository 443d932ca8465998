{# Makes the table of a seed; returns the statement it ran. #}
{% macro create_csv_table(model, agate_table) -%}
  {{ return(adapter.dispatch('create_csv_table', 'dbt')(model, agate_table)) }}
{%- endmacro %}

{# A type from column_types goes before the one inferred from the values. #}
{% macro default__create_csv_table(model, agate_table) -%}
  {%- set given = model['config'].get('column_types', {}) -%}
  {%- set quoting = model['config'].get('quote_columns', none) -%}
  {%- set columns = [] -%}
  {%- for name in agate_table.column_names -%}
    {%- set type = given[name] if name in given else adapter.convert_type(agate_table, loop.index0) -%}
    {%- do columns.append(adapter.quote_seed_column(name | string, quoting) ~ ' ' ~ type) -%}
  {%- endfor -%}
  {% set ddl %}
    create table {{ this.render() }} ({{ columns | join(',') }})
  {% endset %}
  {% call statement('_') -%}
    {{ ddl }}
  {%- endcall %}
  {{ return(ddl) }}
{%- endmacro %}

{# Makes the table of a seed ready for new rows; returns the SQL that stands for what it did. #}
{% macro reset_csv_table(model, full_refresh, old_relation, agate_table) -%}
  {{ return(adapter.dispatch('reset_csv_table', 'dbt')(model, full_refresh, old_relation, agate_table)) }}
{%- endmacro %}

{# A full refresh makes the table anew, so that changed columns come through; else it is only emptied. #}
{% macro default__reset_csv_table(model, full_refresh, old_relation, agate_table) -%}
  {%- if not full_refresh -%}
    {%- do adapter.truncate_relation(old_relation) -%}
    {{ return('truncate table ' ~ old_relation.render()) }}
  {%- endif -%}
  {%- do dbt.drop_relation_in_transaction(old_relation) -%}
  {{ return(create_csv_table(model, agate_table)) }}
{%- endmacro %}

{# Script that stands for a seed's work in target/run. #}
{% macro get_csv_sql(create_or_truncate_sql, insert_sql) -%}
  {{ return(adapter.dispatch('get_csv_sql', 'dbt')(create_or_truncate_sql, insert_sql)) }}
{%- endmacro %}

{# The parts, with a line to tell them apart. #}
{% macro default__get_csv_sql(create_or_truncate_sql, insert_sql) %}
    {{ create_or_truncate_sql }};
    -- dbt seed --
    {{ insert_sql }}
{% endmacro %}

{# Placeholder for a value bound to a statement. #}
{% macro get_binding_char() -%}
  {{ return(adapter.dispatch('get_binding_char', 'dbt')()) }}
{%- endmacro %}

{# The one most drivers read. #}
{% macro default__get_binding_char() -%}
  {{ return('%s') }}
{%- endmacro %}

{# Rows of a seed that go into one INSERT. #}
{% macro get_batch_size() -%}
  {{ return(adapter.dispatch('get_batch_size', 'dbt')()) }}
{%- endmacro %}

{# Large enough to save round trips, small enough for limits on bound values. #}
{% macro default__get_batch_size() -%}
  {{ return(10000) }}
{%- endmacro %}

{# A seed's column names, comma-separated and quoted as its quote_columns config says. #}
{% macro get_seed_column_quoted_csv(model, column_names) -%}
  {%- set quoting = model['config'].get('quote_columns', none) -%}
  {%- set names = [] -%}
  {%- for name in column_names -%}{%- do names.append(adapter.quote_seed_column(name, quoting)) -%}{%- endfor -%}
  {{ return(names | join(', ')) }}
{%- endmacro %}

{# Puts the rows of a seed into its table; returns the SQL that stands for it. #}
{% macro load_csv_rows(model, agate_table) -%}
  {{ return(adapter.dispatch('load_csv_rows', 'dbt')(model, agate_table)) }}
{%- endmacro %}

{# INSERTs with bound values, a batch at a time; engines with a bulk path override this. #}
{% macro default__load_csv_rows(model, agate_table) -%}
  {%- set columns = get_seed_column_quoted_csv(model, agate_table.column_names) -%}
  {%- set row_sql = '(' ~ ([get_binding_char()] * agate_table.column_names | length) | join(',') ~ ')' -%}
  {%- set shown = [] -%}
  {%- for rows in agate_table.rows | batch(get_batch_size()) -%}
    {%- set values = [] -%}
    {%- for row in rows -%}{%- do values.extend(row) -%}{%- endfor -%}
    {% set insert_sql %}
      insert into {{ this.render() }} ({{ columns }}) values
      {{ ([row_sql] * rows | length) | join(',') }}
    {% endset %}
    {%- do adapter.add_query(insert_sql, bindings=values, abridge_sql_log=True) -%}
    {%- if loop.first -%}{%- do shown.append(insert_sql) -%}{%- endif -%}
  {%- endfor -%}
  {{ return(shown[0]) }}
{%- endmacro %}
