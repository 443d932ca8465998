{# A view by its text; a table by its columns and a sum over all of its rows: the engine keeps nothing that would tell of a change. #}
{% macro duckdb__get_relation_identity_sql(relation) -%}
  {%- set where -%}
    database_name = '{{ relation.database }}' and schema_name = '{{ relation.schema }}' and {{ 'view' if relation.type == 'view' else 'table' }}_name = '{{ relation.identifier }}'
  {%- endset -%}
  {%- if relation.type == 'view' -%}
    select md5(sql) from duckdb_views() where {{ where }}
  {%- else -%}
    select (select md5(string_agg(column_name || ' ' || data_type, ',' order by column_index)) from duckdb_columns() where {{ where }}),
      count(*), sum(hash(__millrace_row)) from {{ relation }} as __millrace_row
  {%- endif -%}
{%- endmacro %}

{# The settings that change what a query gives. #}
{% macro duckdb__get_session_identity_sql() -%}
    select version(), string_agg(name || '=' || value, ' ' order by name) from duckdb_settings()
    where name in ('TimeZone', 'Calendar', 'default_collation', 'default_null_order', 'default_order', 'ieee_floating_point_ops', 'integer_division',
      'null_order', 'old_implicit_casting', 'order_by_non_integer_literal', 'scalar_subquery_error_on_multiple_rows', 'binary_as_string', 'search_path', 'schema')
{%- endmacro %}

{# The engine says of each function how stable it is, but of its own macros nothing, and it counts the age up to now among the stable. #}
{% macro duckdb__get_stable_functions_sql() -%}
    select function_name from duckdb_functions()
    where function_name not in ('age', 'current_setting', 'getenv', 'getvariable', 'reservoir_quantile', 'version')
    group by function_name
    having bool_and(internal and ((function_type in ('scalar', 'aggregate') and coalesce(stability, 'CONSISTENT') = 'CONSISTENT')
      or (function_type = 'macro' and (function_name similar to '(list|array|json_group)_.*'
        or function_name in ('date_add', 'days_in_month', 'fdiv', 'fmod', 'generate_subscripts', 'geomean', 'geometric_mean', 'json', 'map_contains_entry',
          'map_contains_value', 'md5_number_lower', 'md5_number_upper', 'nullif', 'regexp_split_to_table', 'round_even', 'roundbankers', 'split_part',
          'wavg', 'weighted_avg')))
      or (function_type = 'table' and function_name in ('generate_series', 'range', 'unnest'))))
    union all
    select unnest(['unnest', 'row_number', 'rank', 'dense_rank', 'percent_rank', 'cume_dist', 'ntile', 'lag', 'lead', 'first_value', 'last_value', 'nth_value'])
{%- endmacro %}
