{# Comment text between dollar quotes, in which nothing needs an escape. #}
{% macro duckdb_escape_comment(comment) -%}
  {%- set fence = '$dbt_comment_literal_block$' -%}
  {%- if comment is not string -%}
    {%- do exceptions.raise_compiler_error('cannot escape a non-string: ' ~ comment) -%}
  {%- elif fence in comment -%}
    {%- do exceptions.raise_compiler_error('The string ' ~ fence ~ ' is not allowed in comments.') -%}
  {%- endif -%}
  {{ fence }}{{ comment }}{{ fence }}
{%- endmacro %}

{# COMMENT ON the relation, by its type. #}
{% macro duckdb__alter_relation_comment(relation, comment) %}
  comment on {{ relation.type }} {{ relation }} is {{ duckdb_escape_comment(comment) }};
{% endmacro %}

{# One COMMENT ON COLUMN each. A column may be spelled in another case than its entry. #}
{% macro duckdb__alter_column_comment(relation, column_dict) %}
  {%- set present, folded = adapter.get_columns_in_relation(relation) | map(attribute='name') | list, {} %}
  {%- for spelled in present %}{% do folded.setdefault(spelled | lower, spelled) %}{% endfor %}
  {%- for name, column in column_dict.items() %}
  {%- set own = name if name in present or column['quote'] else folded.get(name | lower, name) %}
  comment on column {{ relation }}.{{ adapter.quote(own) if column['quote'] or own != name else name }} is {{ duckdb_escape_comment(column['description']) }};
  {%- endfor %}
{% endmacro %}
