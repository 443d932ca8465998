-- One row per month: what the Monday meeting looks at.
with revenue as (
    select
        {{ dbt.date_trunc('month', 'order_date') }} as month,
        sum(orders) as orders,
        sum(net_revenue) as net_revenue,
        sum(gross_margin) as gross_margin,
        sum(refunds) as refunds
    from {{ ref('fct_daily_revenue') }}
    group by 1
),

new_customers as (
    select
        {{ dbt.date_trunc('month', 'first_order_date') }} as month,
        count(*) as new_customers
    from {{ ref('dim_customers') }}
    where first_order_date is not null
    group by 1
),

reviews as (
    select
        {{ dbt.date_trunc('month', 'ordered_at') }} as month,
        count(*) as fraud_reviews
    from {{ ref('fct_fraud_signals') }}
    where needs_review
    group by 1
)

select
    cast(revenue.month as date) as month,
    revenue.orders,
    revenue.net_revenue,
    revenue.gross_margin,
    revenue.refunds,
    cast(revenue.net_revenue / revenue.orders as decimal(18, 2)) as average_order_value,
    coalesce(new_customers.new_customers, 0) as new_customers,
    coalesce(reviews.fraud_reviews, 0) as fraud_reviews
from revenue
left join new_customers on new_customers.month = revenue.month
left join reviews on reviews.month = revenue.month
