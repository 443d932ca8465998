{# The time now, as a SQL expression. #}
{% macro current_timestamp() -%}
  {{ return(adapter.dispatch('current_timestamp', 'dbt')()) }}
{%- endmacro %}

{# Every engine has its own. #}
{% macro default__current_timestamp() -%}
  {% do dbt.missing_for_adapter('current_timestamp') %}
{%- endmacro %}

{# The time now in the type that snapshots store. #}
{% macro snapshot_get_time() -%}
  {{ return(adapter.dispatch('snapshot_get_time', 'dbt')()) }}
{%- endmacro %}

{# Whatever current_timestamp gives. #}
{% macro default__snapshot_get_time() -%}
  {{ current_timestamp() }}
{%- endmacro %}

{# Name of the type of snapshot_get_time(), found by asking the engine; none if it does not tell. #}
{% macro get_snapshot_get_time_data_type() -%}
  {%- set probe = 'select ' ~ snapshot_get_time() ~ ' as dbt_snapshot_time' -%}
  {{ return(get_column_schema_from_query(probe)[0].dtype or none) }}
{%- endmacro %}

{# For old packages: the time now, without a time zone. #}
{% macro current_timestamp_backcompat() -%}
  {{ return(adapter.dispatch('current_timestamp_backcompat', 'dbt')()) }}
{%- endmacro %}

{# A cast that most engines read. #}
{% macro default__current_timestamp_backcompat() %}
    current_timestamp::timestamp
{% endmacro %}

{# For old packages: the UTC time now, without a time zone. #}
{% macro current_timestamp_in_utc_backcompat() -%}
  {{ return(adapter.dispatch('current_timestamp_in_utc_backcompat', 'dbt')()) }}
{%- endmacro %}

{# The same as the local one unless an engine says otherwise. #}
{% macro default__current_timestamp_in_utc_backcompat() -%}
  {{ return(adapter.dispatch('current_timestamp_backcompat', 'dbt')()) }}
{%- endmacro %}
