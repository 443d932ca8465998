select
    order_id,
    customer_id,
    status as order_status,
    ship_country,
    ordered_at,
    cast(ordered_at as date) as order_date,
    _stream_batch
from {{ newest(source('shop', 'orders'), 'order_id', 'updated_at') }} as orders
