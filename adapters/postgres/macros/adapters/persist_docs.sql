{# Comment text between dollar quotes, in which nothing needs an escape. #}
{% macro postgres_escape_comment(comment) -%}
  {%- set fence = '$dbt_comment_literal_block$' -%}
  {%- if comment is not string -%}
    {%- do exceptions.raise_compiler_error('cannot escape a non-string: ' ~ comment) -%}
  {%- elif fence in comment -%}
    {%- do exceptions.raise_compiler_error('The string ' ~ fence ~ ' is not allowed in comments.') -%}
  {%- endif -%}
  {{ fence }}{{ comment }}{{ fence }}
{%- endmacro %}

{# COMMENT ON the relation, by its type. #}
{% macro postgres__alter_relation_comment(relation, comment) %}
  comment on {{ relation.type | replace('_', ' ') }} {{ relation }} is {{ postgres_escape_comment(comment) }};
{% endmacro %}

{# One COMMENT ON COLUMN each. #}
{% macro postgres__alter_column_comment(relation, column_dict) %}
  {%- for name, column in column_dict.items() %}
  comment on column {{ relation }}.{{ adapter.quote(name) if column['quote'] else name }} is {{ postgres_escape_comment(column['description']) }};
  {%- endfor %}
{% endmacro %}
