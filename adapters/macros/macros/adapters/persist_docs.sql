{# SQL that writes the descriptions of columns as comments. #}
{% macro alter_column_comment(relation, column_dict) -%}
  {{ return(adapter.dispatch('alter_column_comment', 'dbt')(relation, column_dict)) }}
{%- endmacro %}

{# Every engine has its own syntax. #}
{% macro default__alter_column_comment(relation, column_dict) -%}
  {% do dbt.missing_for_adapter('alter_column_comment') %}
{%- endmacro %}

{# SQL that writes a relation's description as its comment. #}
{% macro alter_relation_comment(relation, relation_comment) -%}
  {{ return(adapter.dispatch('alter_relation_comment', 'dbt')(relation, relation_comment)) }}
{%- endmacro %}

{# Every engine has its own syntax. #}
{% macro default__alter_relation_comment(relation, relation_comment) -%}
  {% do dbt.missing_for_adapter('alter_relation_comment') %}
{%- endmacro %}

{# Writes descriptions into the engine, where the persist_docs config says so. #}
{% macro persist_docs(relation, model, for_relation=true, for_columns=true) -%}
  {{ return(adapter.dispatch('persist_docs', 'dbt')(relation, model, for_relation, for_columns)) }}
{%- endmacro %}

{# Documented columns that the relation lacks are warned about and left out. #}
{% macro default__persist_docs(relation, model, for_relation, for_columns) -%}
  {%- if for_relation and config.persist_relation_docs() and model.description -%}
    {%- do run_query(alter_relation_comment(relation, model.description)) -%}
  {%- endif -%}
  {%- if for_columns and config.persist_column_docs() and model.columns -%}
    {%- set present = get_list_of_column_names(adapter.get_columns_in_relation(relation)) -%}
    {%- set comments = alter_column_comment(relation, validate_doc_columns(relation, model.columns, present)) -%}
    {%- if comments and comments | trim -%}{%- do run_query(comments) -%}{%- endif -%}
  {%- endif -%}
{%- endmacro %}

{# The part of column_dict whose columns exist; quoted names match exactly, others in any case, and are then quoted as the relation spells them. #}
{% macro validate_doc_columns(relation, column_dict, existing_column_names) -%}
  {%- set folded = {} -%}
  {%- for spelled in existing_column_names -%}{%- do folded.setdefault(spelled | lower, spelled) -%}{%- endfor -%}
  {%- set kept = {} -%}
  {%- set absent = [] -%}
  {%- for name, column in column_dict.items() -%}
    {%- if name in existing_column_names -%}
      {%- do kept.update({name: column}) -%}
    {%- elif not column['quote'] and name | lower in folded -%}
      {%- do kept.update({folded[name | lower]: dict(column, quote=true)}) -%}
    {%- else -%}
      {%- do absent.append(name) -%}
    {%- endif -%}
  {%- endfor -%}
  {%- if absent -%}
    {%- do exceptions.warn('In relation ' ~ relation.render() ~ ': The following columns are specified in the schema but are not present in the database: ' ~ absent | join(', ')) -%}
  {%- endif -%}
  {{ return(kept) }}
{%- endmacro %}
