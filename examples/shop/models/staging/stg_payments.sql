select
    id as payment_id,
    order_id,
    method as payment_method,
    status as payment_status,
    amount_cents,
    created_at as paid_at
from {{ ref('raw_payments') }}
