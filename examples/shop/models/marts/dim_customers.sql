with orders as (
    select
        customer_id,
        count(*) as orders,
        min(order_date) as first_order_date,
        max(order_date) as last_order_date,
        sum(captured_amount) as lifetime_value
    from {{ ref('fct_orders') }}
    where order_status <> 'cancelled'
    group by customer_id
)

select
    customers.customer_id,
    customers.customer_name,
    customers.email,
    customers.country,
    customers.joined_at,
    coalesce(orders.orders, 0) as orders,
    orders.first_order_date,
    orders.last_order_date,
    coalesce(orders.lifetime_value, 0) as lifetime_value,
    case
        when coalesce(orders.lifetime_value, 0) >= 500 then 'gold'
        when coalesce(orders.lifetime_value, 0) >= 150 then 'silver'
        when coalesce(orders.orders, 0) > 0 then 'bronze'
        else 'prospect'
    end as segment
from {{ ref('stg_customers') }} as customers
left join orders on orders.customer_id = customers.customer_id
