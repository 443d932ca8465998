select
    id as update_id,
    product_id,
    quantity_delta,
    reason,
    updated_at
from {{ ref('raw_inventory_updates') }}
