{#- DuckDB neither renames nor drops a table that a foreign key points at, nor can it drop a foreign key. And a table with
    foreign keys must be made under its final name: the table it points at keeps the name it was made under, and could
    never be dropped again (duckdb/duckdb#24648). So tables with keys are rebuilt with the tables that hang on them. -#}

{# Constraint types of the model's enforced contract. #}
{% macro enforced_constraint_types() -%}
  {%- set types = [] -%}
  {%- set contract = config.get('contract') -%}
  {%- if contract and contract.enforced -%}
    {%- set constraints = (model.get('constraints') or []) | list -%}
    {%- for column in (model.get('columns') or {}).values() -%}
      {%- do constraints.extend(column.get('constraints') or []) -%}
    {%- endfor -%}
    {%- for constraint in constraints -%}{%- do types.append(constraint.type) -%}{%- endfor -%}
  {%- endif -%}
  {{ return(types) }}
{%- endmacro %}

{# Key constraints the table has in the database: any of primary_key, unique, foreign_key. #}
{% macro existing_constraint_types(relation) -%}
  {%- if relation is none or not relation.is_table or adapter.is_ducklake(relation) -%}
    {{ return([]) }}
  {%- endif -%}
  {% call statement('existing_constraint_types', fetch_result=True, auto_begin=False) %}
    select distinct replace(lower(constraint_type), ' ', '_')
    from duckdb_constraints()
    where constraint_type in ('PRIMARY KEY', 'UNIQUE', 'FOREIGN KEY')
      and {{ duckdb__same_table_sql(relation) }}
  {% endcall %}
  {{ return(load_result('existing_constraint_types').table.columns[0].values() | list) }}
{%- endmacro %}

{# Condition on the rows of a catalog function: they are of this table. #}
{% macro duckdb__same_table_sql(relation) -%}
  lower(table_name) = lower({{ duckdb__text(relation.identifier) }})
      and {{ duckdb__same_schema_sql(relation) }}
{%- endmacro %}

{# Condition on the rows of a catalog function: they are of this schema. #}
{% macro duckdb__same_schema_sql(relation) -%}
  lower(schema_name) = lower({{ duckdb__text(relation.schema) }})
      and lower(database_name) = lower({{ duckdb__text(relation.database) }})
{%- endmacro %}

{# A name as a text literal. #}
{% macro duckdb__text(value) -%}
  '{{ value | replace("'", "''") }}'
{%- endmacro %}

{# Key constraints that the new or the existing table has, asked once for a build. #}
{% macro duckdb__key_constraint_types(relation=none) -%}
  {{ return([] if adapter.is_ducklake(this) else enforced_constraint_types() + existing_constraint_types(relation)) }}
{%- endmacro %}

{# Whether the new or the existing table points at another one. #}
{% macro has_foreign_key_constraints(relation=none) -%}
  {{ return('foreign_key' in duckdb__key_constraint_types(relation)) }}
{%- endmacro %}

{# Whether another table can point at the new or the existing one, for which it takes a key. #}
{% macro may_be_foreign_key_target(relation=none) -%}
  {%- set types = duckdb__key_constraint_types(relation) -%}
  {{ return('primary_key' in types or 'unique' in types) }}
{%- endmacro %}

{# Drops a table inside the transaction, so that it can be made anew under its name; returns what restore_foreign_key_dependents takes. #}
{% macro drop_relation_for_rebuild(relation) -%}
  {%- set moved = drop_foreign_key_dependents(relation) if relation.is_table and may_be_foreign_key_target(relation) else [] -%}
  {%- do dbt.drop_relation_in_transaction(relation) -%}
  {{ return(moved) }}
{%- endmacro %}

{# Copies and drops the tables that point at this one, over any number of steps; an error if this run would not rebuild one of them. #}
{% macro drop_foreign_key_dependents(relation) -%}
  {%- set referenced = duckdb__foreign_key_dependents(relation) -%}
  {%- do duckdb__assert_dependents_rebuilt(relation, referenced) -%}
  {%- set moved = [] -%}
  {%- for table in referenced -%}
    {%- set dependent = api.Relation.create(database=relation.database, schema=relation.schema, identifier=table, type='table') -%}
    {%- set backup = dependent.incorporate(path={'identifier': table ~ '__dbt_fk_backup'}) -%}
    {%- do dbt.drop_relation_in_transaction(backup) -%}
    {% call statement('backup_foreign_key_dependent_' ~ loop.index) %}
      create table {{ backup }} as select * from {{ dependent }}
    {% endcall %}
    {%- do log('Dropping ' ~ dependent ~ ' because it references ' ~ relation ~ ' through a foreign key; it is rebuilt later in this run', info=True) -%}
    {%- do dbt.drop_relation_in_transaction(dependent) -%}
    {%- do moved.append({'relation': dependent, 'backup': backup}) -%}
  {%- endfor -%}
  {{ return(moved) }}
{%- endmacro %}

{# Puts the copies in place of the tables, to be read until their models rebuild them with their constraints. #}
{% macro restore_foreign_key_dependents(dropped) -%}
  {%- for item in dropped | reverse -%}
    {%- do log('Restoring data for ' ~ item['relation'] ~ '; its constraints are rebuilt later in this run', info=True) -%}
    {%- do adapter.rename_relation(item['backup'], item['relation']) -%}
  {%- endfor -%}
{%- endmacro %}

{# {table: [tables of the chain it points at]}, those furthest away first. Foreign keys do not leave their schema. #}
{% macro duckdb__foreign_key_dependents(relation) -%}
  {% call statement('get_foreign_key_dependents', fetch_result=True) %}
    with recursive link as (
      select table_name as child, referenced_table as parent
      from duckdb_constraints()
      where constraint_type = 'FOREIGN KEY'
        and lower(table_name) != lower(referenced_table)
        and {{ duckdb__same_schema_sql(relation) }}
    ),
    chain(child, distance) as (
      select child, 1 from link where lower(parent) = lower({{ duckdb__text(relation.identifier) }})
      union
      select link.child, chain.distance + 1 from link join chain on lower(link.parent) = lower(chain.child)
    ),
    furthest as (
      select child, max(distance) as distance from chain group by child
    )
    select child, lower(parent)
    from furthest join link using (child)
    order by distance desc, child, parent
  {% endcall %}
  {%- set referenced = {} -%}
  {%- for row in load_result('get_foreign_key_dependents').table -%}
    {%- do referenced.setdefault(row[0], []).append(row[1]) -%}
  {%- endfor -%}
  {{ return(referenced) }}
{%- endmacro %}

{# An error unless every such table comes from a model that this run rebuilds from nothing, after this one. #}
{% macro duckdb__assert_dependents_rebuilt(relation, referenced) -%}
  {%- set builders = {} -%}
  {%- for node in graph.nodes.values() if referenced and node.resource_type == 'model'
        and node.schema | lower == relation.schema | lower and (node.database or '') | lower == (relation.database or '') | lower -%}
    {%- do builders.update({(node.alias or node.name) | lower: node}) -%}
  {%- endfor -%}
  {%- set ids = {relation.identifier | lower: model.unique_id} -%}
  {%- for table in referenced if table | lower in builders -%}
    {%- do ids.update({table | lower: builders[table | lower].unique_id}) -%}
  {%- endfor -%}

  {%- set problems = [] -%}
  {%- for table, parents in referenced.items() -%}
    {%- set node = builders.get(table | lower) -%}
    {%- if node is none -%}
      {%- do problems.append(table ~ ' (not built by a dbt model in this project)') -%}
    {%- elif node.unique_id not in selected_resources -%}
      {%- do problems.append(table ~ ' (model ' ~ node.name ~ ' is not selected in this run)') -%}
    {%- else -%}
      {%- set after = [] -%}
      {%- for parent in parents if ids.get(parent) in node.depends_on.nodes -%}{%- do after.append(parent) -%}{%- endfor -%}
      {%- set kind = node.config.materialized -%}
      {%- set anew = flags.FULL_REFRESH if node.config.full_refresh is none else node.config.full_refresh -%}
      {%- if not after -%}
        {%- do problems.append(table ~ ' (model ' ~ node.name ~ ' does not ref() the table its foreign key points at, so it may not be rebuilt afterwards; use `to: ref(...)` in the constraint)') -%}
      {%- elif kind != 'table' and not (kind == 'incremental' and anew) -%}
        {%- do problems.append(table ~ ' (model ' ~ node.name ~ ' is materialized as ' ~ kind ~ ' and would lose its data; run with --full-refresh)') -%}
      {%- endif -%}
    {%- endif -%}
  {%- endfor -%}
  {%- if problems -%}
    {%- do exceptions.raise_compiler_error(
      'Cannot replace ' ~ relation ~ ' because DuckDB does not allow replacing a table that a foreign key references, '
      ~ 'and only referencing tables that this run will rebuild can be dropped. Problem tables: ' ~ problems | join('; ')
    ) -%}
  {%- endif -%}
{%- endmacro %}
