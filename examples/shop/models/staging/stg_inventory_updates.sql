select
    update_id,
    product_id,
    quantity_delta,
    reason,
    updated_at
from {{ newest(source('shop', 'inventory_updates'), 'update_id', 'updated_at') }} as updates
