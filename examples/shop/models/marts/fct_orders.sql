-- depends_on: {{ ref('stg_order_items') }}, {{ ref('stg_payments') }}
{{
    config(
        materialized='incremental',
        unique_key='order_id',
        incremental_strategy='delete+insert',
        on_schema_change='append_new_columns'
    )
}}

select
    orders.order_id,
    orders.customer_id,
    orders.order_status,
    orders.ship_country,
    orders.ordered_at,
    orders.order_date,
    totals.units,
    {{ euros('totals.order_cents') }} as order_amount,
    {{ euros('totals.cost_cents') }} as cost_amount,
    {{ euros('coalesce(payments.captured_cents, 0)') }} as captured_amount,
    {{ euros('coalesce(payments.refunded_cents, 0)') }} as refunded_amount,
    coalesce(payments.failed_payments, 0) as failed_payments,
    coalesce(payments.used_gift_card, false) as used_gift_card,
    orders._stream_batch as orders_batch,
    totals.items_batch,
    payments.payments_batch
from {{ ref('stg_orders') }} as orders
join {{ ref('int_order_totals') }} as totals on totals.order_id = orders.order_id
left join {{ ref('int_order_payments') }} as payments on payments.order_id = orders.order_id

{% if is_incremental() %}
-- Orders of which anything has come since: batches of a stream are numbered as they commit, so nothing is missed,
-- however late it is.
where orders.order_id in (
    select order_id from {{ ref('stg_orders') }} where _stream_batch > (select coalesce(max(orders_batch), 0) from {{ this }})
    union all
    select order_id from {{ ref('stg_order_items') }} where _stream_batch > (select coalesce(max(items_batch), 0) from {{ this }})
    union all
    select order_id from {{ ref('stg_payments') }} where _stream_batch > (select coalesce(max(payments_batch), 0) from {{ this }})
)
{% endif %}
