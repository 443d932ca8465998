-- {{ ref('stg_b') }}
{% set x = ['a', 'b'] %}
{% for i in x %} select '{{ i }}' from {{ ref('stg_' ~ i) }} {% if not loop.last %} union all {% endif %}{% endfor %}
{{ config(schema='other', unique_key=['a','b'], incremental_strategy='append', on_schema_change='fail', materialized='incremental') }}
{% if is_incremental() %} where 1=1 {% endif %}
{{ dbt_unknown_undefined_thing }}
