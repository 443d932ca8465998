{{ config(materialized='ephemeral', alias='b_alias', database=none) }}
{%- if execute %}{{ ref('never') }}{% endif %}
select * from {{ source('raw', 'orders') }} union all select * from {{ source('raw', 'orders') }}
{# {{ ref('nothing') }} #}
