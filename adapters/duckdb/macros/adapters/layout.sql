{#- Partitioning and sorting of DuckLake tables. -#}

{# Statements that set the layout of an empty table; empty text where there is none to set. #}
{% macro duckdb__table_layout_sql(relation, partitioned_by, sorted_by) -%}
  {{ duckdb__alter_table_set_partitioned_by(relation, partitioned_by) if partitioned_by }}
  {{ duckdb__alter_table_set_sorted_by(relation, sorted_by) if sorted_by }}
{%- endmacro %}

{# One such statement. #}
{% macro duckdb__alter_table_set_partitioned_by(relation, partitioned_by) -%}
  alter table {{ relation }} set partitioned by ({{ partitioned_by }});
{%- endmacro %}

{# One such statement. #}
{% macro duckdb__alter_table_set_sorted_by(relation, sorted_by) -%}
  alter table {{ relation }} set sorted by ({{ sorted_by }});
{%- endmacro %}

{# The partitioned_by (or partition_by) config as SQL, if it counts for this relation. Entries may be expressions. #}
{% macro duckdb__get_partitioned_by(relation, temporary) -%}
  {%- set parts = duckdb__layout_config(relation, temporary, 'partitioned_by', 'partition_by') -%}
  {{ return(none if parts is none else parts | join(', ')) }}
{%- endmacro %}

{# The sorted_by (or sort_by) config as SQL, if it counts for this relation. Entries are column names. #}
{% macro duckdb__get_sorted_by(relation, temporary) -%}
  {%- set parts = duckdb__layout_config(relation, temporary, 'sorted_by', 'sort_by') -%}
  {%- if parts is none -%}
    {{ return(none) }}
  {%- endif -%}
  {%- set quoted = [] -%}
  {%- for part in parts -%}{%- do quoted.append(adapter.quote(part | replace('"', '""'))) -%}{%- endfor -%}
  {{ return(quoted | join(', ')) }}
{%- endmacro %}

{# A config of either name as a list; none for scratch relations, and, with a warning, outside DuckLake. #}
{% macro duckdb__layout_config(relation, temporary, name, other_name) -%}
  {%- set given = config.get(name, none) -%}
  {%- if given is none or given == '' -%}
    {%- set given = config.get(other_name, none) -%}
  {%- endif -%}
  {%- if temporary or given is none or given == '' -%}
    {{ return(none) }}
  {%- endif -%}
  {%- set label = name ~ '/' ~ other_name -%}
  {%- set parts = normalize_string_or_list(given, label) -%}
  {%- if not parts -%}
    {%- do exceptions.raise_compiler_error(label ~ ' must contain at least one column') -%}
  {%- endif -%}
  {%- if this is defined and this.identifier and relation.identifier and relation.identifier != this.identifier
         and config.get('materialized') in ['table', 'incremental'] -%}
    {{ return(none) }}
  {%- endif -%}
  {%- if not adapter.is_ducklake(relation) -%}
    {%- do adapter.warn_once(label ~ ' is only supported for DuckLake relations; ignoring for ' ~ relation) -%}
    {{ return(none) }}
  {%- endif -%}
  {{ return(parts) }}
{%- endmacro %}
