select
    order_item_id,
    order_id,
    product_id,
    quantity,
    unit_price_cents,
    quantity * unit_price_cents as amount_cents,
    _stream_batch
from {{ newest(source('shop', 'order_items'), 'order_item_id', 'ordered_at') }} as order_items
