{{ config(materialized='incremental', meta={'stream': true}) }}
select o.id, o.customer, o.amount * 2 as double, t.tier, o._stream_batch
from {{ ref('stg_orders') }} as o
left join {{ ref('tiers') }} as t on t.customer = o.customer
{% if is_incremental() %}
where o._stream_batch > (select coalesce(max(_stream_batch), 0) from {{ this }})
{% endif %}
