select
    payment_id,
    order_id,
    method as payment_method,
    status as payment_status,
    amount_cents,
    created_at as paid_at,
    _stream_batch
from {{ newest(source('shop', 'payments'), 'payment_id', 'created_at') }} as payments
