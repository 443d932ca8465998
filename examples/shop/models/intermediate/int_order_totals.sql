select
    items.order_id,
    sum(items.amount_cents) as order_cents,
    sum(items.quantity) as units,
    sum(items.quantity * products.cost_cents) as cost_cents,
    max(items._stream_batch) as items_batch
from {{ ref('stg_order_items') }} as items
join {{ ref('stg_products') }} as products on products.product_id = items.product_id
group by items.order_id
