select id as order_id, customer as customer_id, {{ cents('amount') }} as amount from {{ source('shop', 'raw_orders') }}
