{# Whether replacing a relation keeps the privileges that were given on the old one. #}
{% macro copy_grants() -%}
  {{ return(adapter.dispatch('copy_grants', 'dbt')()) }}
{%- endmacro %}

{# Without better knowledge assume they survive, so that stale ones get revoked. #}
{% macro default__copy_grants() -%}
  {{ return(true) }}
{%- endmacro %}

{# Whether one statement may name several grantees. #}
{% macro support_multiple_grantees_per_dcl_statement() -%}
  {{ return(adapter.dispatch('support_multiple_grantees_per_dcl_statement', 'dbt')()) }}
{%- endmacro %}

{# One statement for all grantees of a privilege, where the engine takes it. #}
{% macro default__support_multiple_grantees_per_dcl_statement() -%}
  {{ return(true) }}
{%- endmacro %}

{# Decides whether privileges of an earlier build may still be in place and must be compared. #}
{% macro should_revoke(existing_relation, full_refresh_mode=True) -%}
  {%- if not existing_relation -%}
    {{ return(false) }}
  {%- endif -%}
  {{ return(copy_grants() if full_refresh_mode else true) }}
{%- endmacro %}

{# Query that lists who holds what on a relation. #}
{% macro get_show_grant_sql(relation) -%}
  {{ return(adapter.dispatch('get_show_grant_sql', 'dbt')(relation)) }}
{%- endmacro %}

{# The statement warehouses with SHOW understand. #}
{% macro default__get_show_grant_sql(relation) %}
  show grants on {{ relation.render() }}
{% endmacro %}

{# Statement giving one privilege to a list of grantees. #}
{% macro get_grant_sql(relation, privilege, grantees) -%}
  {{ return(adapter.dispatch('get_grant_sql', 'dbt')(relation, privilege, grantees)) }}
{%- endmacro %}

{# Standard GRANT; grantees are written as configured. #}
{% macro default__get_grant_sql(relation, privilege, grantees) -%}
  grant {{ privilege }} on {{ relation.render() }} to {{ grantees | join(', ') }}
{%- endmacro %}

{# Statement taking one privilege from a list of grantees. #}
{% macro get_revoke_sql(relation, privilege, grantees) -%}
  {{ return(adapter.dispatch('get_revoke_sql', 'dbt')(relation, privilege, grantees)) }}
{%- endmacro %}

{# Standard REVOKE; grantees come from the catalog, so they are quoted. #}
{% macro default__get_revoke_sql(relation, privilege, grantees) -%}
  {%- set names = [] -%}
  {%- for grantee in grantees -%}{%- do names.append(adapter.quote(grantee)) -%}{%- endfor -%}
  revoke {{ privilege }} on {{ relation.render() }} from {{ names | join(', ') }}
{%- endmacro %}

{# Turns {privilege: [grantees]} into a list of statements. #}
{% macro get_dcl_statement_list(relation, grant_config, get_dcl_macro) -%}
  {{ return(adapter.dispatch('get_dcl_statement_list', 'dbt')(relation, grant_config, get_dcl_macro)) }}
{%- endmacro %}

{# get_dcl_macro is get_grant_sql or get_revoke_sql; it is called once per privilege, or once per grantee. #}
{% macro default__get_dcl_statement_list(relation, grant_config, get_dcl_macro) -%}
  {%- set together = support_multiple_grantees_per_dcl_statement() -%}
  {%- set statements = [] -%}
  {%- for privilege, grantees in grant_config.items() if grantees -%}
    {%- for group in ([grantees] if together else grantees | batch(1)) -%}
      {%- do statements.append(get_dcl_macro(relation, privilege, group)) -%}
    {%- endfor -%}
  {%- endfor -%}
  {{ return(statements) }}
{%- endmacro %}

{# Runs a list of GRANT and REVOKE statements. #}
{% macro call_dcl_statements(dcl_statement_list) -%}
  {{ return(adapter.dispatch('call_dcl_statements', 'dbt')(dcl_statement_list)) }}
{%- endmacro %}

{# All of them travel as one script; engines that refuse scripts override this. #}
{% macro default__call_dcl_statements(dcl_statement_list) %}
  {% call statement('grants') %}
    {% for dcl in dcl_statement_list %}
      {{ dcl }};
    {% endfor %}
  {% endcall %}
{% endmacro %}

{# Brings the privileges on a relation in line with the grants config. #}
{% macro apply_grants(relation, grant_config, should_revoke) -%}
  {{ return(adapter.dispatch('apply_grants', 'dbt')(relation, grant_config, should_revoke)) }}
{%- endmacro %}

{# Nothing configured means nothing to do: privileges set by hand are left alone. #}
{% macro default__apply_grants(relation, grant_config, should_revoke=True) %}
  {% if grant_config %}
    {% set surplus = {} %}
    {% set missing = grant_config %}
    {% if should_revoke %}
      {% set held = adapter.standardize_grants_dict(run_query(get_show_grant_sql(relation))) %}
      {% set surplus = diff_of_two_dicts(held, grant_config) %}
      {% set missing = diff_of_two_dicts(grant_config, held) %}
      {% if not surplus and not missing %}
        {% do log('On ' ~ relation.render() ~ ': All grants are in place, no revocation or granting needed.') %}
      {% endif %}
    {% endif %}
    {% set statements = get_dcl_statement_list(relation, surplus, get_revoke_sql)
                      + get_dcl_statement_list(relation, missing, get_grant_sql) %}
    {% if statements %}
      {% do call_dcl_statements(statements) %}
    {% endif %}
  {% endif %}
{% endmacro %}
