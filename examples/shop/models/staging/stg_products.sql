select
    id as product_id,
    name as product_name,
    category,
    price_cents,
    cost_cents
from {{ ref('raw_products') }}
