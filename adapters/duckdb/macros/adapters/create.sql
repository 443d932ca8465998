{# Script that makes a table; beyond the neutral one it takes the clauses with which DuckLake lays out its files. #}
{% macro create_table_as(temporary, relation, compiled_code, language='sql', partitioned_by=none, sorted_by=none) -%}
  {{ return(adapter.dispatch('create_table_as', 'dbt')(temporary, relation, compiled_code, language, partitioned_by=partitioned_by, sorted_by=sorted_by)) }}
{%- endmacro %}

{# From a query, or from the data frame a Python model returns. A layout must be set while the table is empty.
   The query begins on the line that it begins on in dbt, for that is the line DuckDB tells when it is wrong. #}
{% macro duckdb__create_table_as(temporary, relation, compiled_code, language='sql', partitioned_by=none, sorted_by=none) -%}
  {%- if language == 'python' -%}
    {{ return(py_write_table(temporary=temporary, relation=relation, compiled_code=compiled_code, partitioned_by=partitioned_by, sorted_by=sorted_by)) }}
  {%- elif language != 'sql' -%}
    {%- do exceptions.raise_compiler_error("duckdb__create_table_as macro didn't get supported language, it got " ~ language) -%}
  {%- endif -%}
  {%- set contract = config.get('contract') -%}
  {%- set sql_header = config.get('sql_header', none) -%}
  {%- set layout = duckdb__table_layout_sql(relation, partitioned_by, sorted_by) | trim -%}
  {{ get_assert_columns_equivalent(compiled_code) if contract.enforced }}
  {{ sql_header if sql_header is not none }}

  create {{ 'temporary ' if temporary }}table
    {{ relation.include(database=(not temporary), schema=(not temporary)) }}
  {% if contract.enforced and not temporary %}
    {{ get_table_columns_and_constraints() }};
    {{ layout }}
    insert into {{ relation }} {{ get_column_names() }} (
      {{ get_select_subquery(compiled_code) }}
    );
  {% elif layout %}
    as (
      select * from (
        {{ compiled_code }}
      ) as model_subq
      limit 0
    );
    {{ layout }}
    insert into {{ relation }}
      select * from (
        {{ compiled_code }}
      ) as model_subq;
  {% else %}

  as (
    {{ compiled_code }}
  );
  {%- endif -%}
{%- endmacro %}

{# CREATE VIEW; a contract is only compared, for views carry no constraints. #}
{% macro duckdb__create_view_as(relation, sql) -%}
  {%- set sql_header = config.get('sql_header', none) -%}
  {{ get_assert_columns_equivalent(sql) if config.get('contract').enforced }}
  {{ sql_header if sql_header is not none }}
  create view {{ relation }} as (
    {{ sql }}
  );
{%- endmacro %}

{# Names of the columns in a contract, in its order and in brackets. #}
{% macro get_column_names() -%}
  ({{ default__get_column_names() }})
{%- endmacro %}

{# Python that follows a model's code: writes what the model returns into a table. #}
{% macro py_write_table(temporary, relation, compiled_code, partitioned_by=none, sorted_by=none) -%}
{{ compiled_code }}

def materialize(df, con):
    try:
        import pyarrow
        if isinstance(df, pyarrow.Table):
            # needed before DuckDB can scan the table
            import pyarrow.dataset
    except ImportError:
        pass
    frame = '__dbt_python_model_df_' + '{{ relation.identifier }}'
    con.register(frame, df)
    con.execute('create table {{ relation }} as select * from ' + frame)
    {%- if partitioned_by or sorted_by %}
    # for the table that this one becomes: DuckLake sets it while a table is empty
    lay_out('''{{ relation }}''', '''{{ duckdb__table_layout_sql(relation, partitioned_by, sorted_by) | trim }}''')
    {%- endif %}
    con.unregister(frame)
{% endmacro %}
