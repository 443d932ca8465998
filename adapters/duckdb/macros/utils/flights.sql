{# Name of the MotherDuck Flight that runs a Python model. #}
{% macro flight_name(parsed_model) -%}
  {{ return(adapter.dispatch('flight_name', 'dbt')(parsed_model)) }}
{%- endmacro %}

{# The same everywhere, unless a project has a version of its own. #}
{% macro default__flight_name(parsed_model) -%}
  {{ return(duckdb__flight_name(parsed_model)) }}
{%- endmacro %}

{# Package, database, schema and name, for the names of Flights are shared by all projects of a user. #}
{% macro duckdb__flight_name(parsed_model) -%}
  {%- set name = parsed_model.get('alias') or parsed_model.get('name') -%}
  {%- set parts = ['dbt', parsed_model.get('package_name'), parsed_model.get('database'), parsed_model.get('schema'), name] -%}
  {{ return(parts | select | join('-')) }}
{%- endmacro %}
