with scored as (
    select
        orders.order_id,
        orders.customer_id,
        orders.ordered_at,
        orders.order_amount,
        case when orders.failed_payments >= 3 then 50 else 0 end as failed_payment_points,
        case when orders.ship_country <> customers.country then 30 else 0 end as foreign_address_points,
        case when orders.units >= 12 then 25 else 0 end as bulk_points,
        case when orders.ordered_at < {{ dbt.dateadd('day', 1, 'customers.joined_at') }} then 10 else 0 end as new_account_points
    from {{ ref('fct_orders') }} as orders
    join {{ ref('stg_customers') }} as customers on customers.customer_id = orders.customer_id
),

summed as (
    select
        scored.*,
        failed_payment_points + foreign_address_points + bulk_points + new_account_points as risk_score
    from scored
)

select
    summed.*,
    risk_score >= {{ var('fraud_review_score') }} as needs_review
from summed
where risk_score > 0
