{# With time zone; the start of the transaction. #}
{% macro postgres__current_timestamp() -%}
  now()
{%- endmacro %}

{# Snapshots store times without zone. #}
{% macro postgres__snapshot_string_as_time(timestamp) -%}
  {{ return("'" ~ timestamp ~ "'::timestamp without time zone") }}
{%- endmacro %}

{# Snapshots store times without zone. #}
{% macro postgres__snapshot_get_time() -%}
  {{ current_timestamp() }}::timestamp without time zone
{%- endmacro %}

{# In the session's time zone. #}
{% macro postgres__current_timestamp_backcompat() %}
    current_timestamp::{{ type_timestamp() }}
{% endmacro %}

{# In UTC, whatever the session's time zone. #}
{% macro postgres__current_timestamp_in_utc_backcompat() %}
    (current_timestamp at time zone 'utc')::{{ type_timestamp() }}
{% endmacro %}
