with paid as (
    select
        orders.order_date,
        orders.order_id,
        orders.order_amount,
        orders.captured_amount,
        orders.refunded_amount,
        orders.cost_amount
    from {{ ref('fct_orders') }} as orders
    where orders.order_status <> 'cancelled'
)

select
    order_date,
    count(*) as orders,
    sum(order_amount) as gross_revenue,
    sum(refunded_amount) as refunds,
    sum(captured_amount) as net_revenue,
    sum(captured_amount) - sum(case when captured_amount > 0 then cost_amount else 0 end) as gross_margin
from paid
group by order_date
