-- One row per order: what was captured, given back, and how often a payment failed.
select
    order_id,
    sum(case when payment_status = 'captured' then amount_cents else 0 end) as captured_cents,
    sum(case when payment_status = 'refunded' then amount_cents else 0 end) as refunded_cents,
    sum(case when payment_status = 'failed' then 1 else 0 end) as failed_payments,
    max(case when payment_method = 'gift_card' then 1 else 0 end) = 1 as used_gift_card,
    min(case when payment_status <> 'failed' then paid_at end) as first_paid_at,
    max(_stream_batch) as payments_batch
from {{ ref('stg_payments') }}
group by order_id
