-- Net revenue by day must add up to what was captured and not refunded.
with marts as (
    select sum(net_revenue) as amount from {{ ref('fct_daily_revenue') }}
),

captured as (
    select {{ euros("sum(amount_cents)") }} as amount
    from {{ ref('stg_payments') }}
    where payment_status = 'captured'
)

select marts.amount as in_marts, captured.amount as in_payments
from marts
cross join captured
where marts.amount <> captured.amount
