select o.*, p.amount from {{ ref('stg_orders') }} o left join {{ ref('stg_payments') }} p using (order_id)
