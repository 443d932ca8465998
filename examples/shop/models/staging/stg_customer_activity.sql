select
    id as activity_id,
    customer_id,
    event as activity,
    channel,
    occurred_at
from {{ ref('raw_customer_activity') }}
