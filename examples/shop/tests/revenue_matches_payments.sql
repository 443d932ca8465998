-- Net revenue by day must add up to what was captured and not refunded, of the orders and payments that the marts know.
with marts as (
    select coalesce(sum(net_revenue), 0) as amount from {{ ref('fct_daily_revenue') }}
),

captured as (
    select {{ euros("coalesce(sum(payments.amount_cents), 0)") }} as amount
    from {{ ref('stg_payments') }} as payments
    join {{ ref('fct_orders') }} as orders on orders.order_id = payments.order_id
    where payments.payment_status = 'captured'
        and orders.order_status <> 'cancelled'
        and payments._stream_batch <= (select coalesce(max(payments_batch), 0) from {{ ref('fct_orders') }})
)

select marts.amount as in_marts, captured.amount as in_payments
from marts
cross join captured
where marts.amount <> captured.amount
