select
    id as order_id,
    customer_id,
    status as order_status,
    ship_country,
    ordered_at,
    cast(ordered_at as date) as order_date
from {{ ref('raw_orders') }}
