{% macro get_where_subquery(relation) %}{{ relation }}{% endmacro %}
{% macro is_incremental() %}{{ return(false) }}{% endmacro %}
{% macro generate_schema_name(custom_schema_name, node) %}{{ target.schema }}{% endmacro %}
{% macro generate_database_name(custom_database_name, node) %}{{ target.database }}{% endmacro %}
{% macro generate_alias_name(custom_alias_name, node) %}{{ node.name }}{% endmacro %}
{% test unique(model, column_name) %}select {{ column_name }} from {{ model }}{% endtest %}
{% test not_null(model, column_name) %}select {{ column_name }} from {{ model }}{% endtest %}
{% test accepted_values(model, column_name, values) %}select {{ column_name }} from {{ model }}{% endtest %}
{% test relationships(model, column_name, to, field) %}select {{ column_name }} from {{ model }}, {{ to }}{% endtest %}
{% materialization view, default %}{% endmaterialization %}
{% materialization table, default %}{% endmaterialization %}
{% materialization incremental, default %}{% endmaterialization %}
