{#
  Rows of a batch that data tests of the source would find, for on_test_failure: quarantine.
  checks are mappings of test (its name), kind (not_null or accepted_values), column, values, quote and where.
#}

{# Condition of the rows that one test finds; its where narrows them. #}
{% macro stream_check_condition(check) -%}
  {%- if check.where %}({{ check.where }}) and {% endif -%}
  {%- if check.kind == 'not_null' -%}
    {{ check.column }} is null
  {%- else -%}
    {{ check.column }} not in ({% for value in check['values'] %}{{ "'" ~ value ~ "'" if check.quote else value }}{{ ', ' if not loop.last }}{% endfor %})
  {%- endif -%}
{%- endmacro %}

{# Each failing row's place in the log, and the number of the first test that finds it. #}
{% macro stream_failing_rows(log, batch, checks) -%}
  select * from (
    select _stream_topic, _stream_partition, _stream_offset,
      case{% for check in checks %} when {{ stream_check_condition(check) }} then {{ loop.index0 }}{% endfor %} end as failed
    from {{ log }}
    where _stream_batch = {{ batch }}
  ) checked
  where failed is not null
{%- endmacro %}
