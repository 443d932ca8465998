select
    activity_id,
    customer_id,
    event as activity,
    channel,
    occurred_at
from {{ newest(source('shop', 'customer_activity'), 'activity_id', 'occurred_at') }} as activity
