{# Privileges given by this role to others. #}
{% macro postgres__get_show_grant_sql(relation) -%}
  select grantee, privilege_type
  from {{ relation.information_schema('role_table_grants') }}
  where table_schema = '{{ relation.schema }}'
    and table_name = '{{ relation.identifier }}'
    and grantor = current_role
    and grantee != current_role
{%- endmacro %}

{# A table that takes the place of another comes without its privileges. #}
{% macro postgres__copy_grants() -%}
  {{ return(false) }}
{%- endmacro %}
