with sales as (
    select
        items.product_id,
        sum(items.quantity) as units_sold,
        sum(items.amount_cents) as revenue_cents,
        count(distinct items.order_id) as orders,
        sum(case when orders.order_status = 'returned' then items.quantity else 0 end) as units_returned
    from {{ ref('stg_order_items') }} as items
    join {{ ref('stg_orders') }} as orders on orders.order_id = items.order_id
    where orders.order_status <> 'cancelled'
    group by items.product_id
),

stock as (
    select
        product_id,
        sum(quantity_delta) as on_hand,
        max(case when reason = 'restock' then updated_at end) as last_restocked_at
    from {{ ref('stg_inventory_updates') }}
    group by product_id
)

select
    products.product_id,
    products.product_name,
    products.category,
    coalesce(sales.orders, 0) as orders,
    coalesce(sales.units_sold, 0) as units_sold,
    coalesce(sales.units_returned, 0) as units_returned,
    {{ euros('coalesce(sales.revenue_cents, 0)') }} as revenue,
    {{ euros('coalesce(sales.revenue_cents, 0) - coalesce(sales.units_sold, 0) * products.cost_cents') }} as margin,
    coalesce(stock.on_hand, 0) as on_hand,
    stock.last_restocked_at,
    coalesce(stock.on_hand, 0) < 30 as low_stock
from {{ ref('stg_products') }} as products
left join sales on sales.product_id = products.product_id
left join stock on stock.product_id = products.product_id
