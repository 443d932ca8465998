-- Last touch: the channel of the latest visit before an order, within the window.
with touches as (
    select
        orders.order_id,
        orders.captured_amount,
        activity.channel,
        row_number() over (
            partition by orders.order_id
            order by activity.occurred_at desc, activity.activity_id desc
        ) as touch_rank
    from {{ ref('fct_orders') }} as orders
    left join {{ ref('stg_customer_activity') }} as activity
        on activity.customer_id = orders.customer_id
        and activity.occurred_at <= orders.ordered_at
        and activity.occurred_at >= {{ dbt.dateadd('day', -1 * var('attribution_days'), 'orders.ordered_at') }}
    where orders.order_status <> 'cancelled'
)

select
    coalesce(channel, 'unattributed') as channel,
    count(*) as orders,
    sum(captured_amount) as revenue
from touches
where touch_rank = 1
group by 1
