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
    coalesce(payments.used_gift_card, false) as used_gift_card
from {{ ref('stg_orders') }} as orders
join {{ ref('int_order_totals') }} as totals on totals.order_id = orders.order_id
left join {{ ref('int_order_payments') }} as payments on payments.order_id = orders.order_id

{% if is_incremental() %}
-- Three days back: a payment may still change the state of a recent order.
where orders.ordered_at >= (select {{ dbt.dateadd('day', -3, 'max(ordered_at)') }} from {{ this }})
{% endif %}
