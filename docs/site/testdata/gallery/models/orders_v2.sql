-- Orders, second shape.
select cast(id as integer) as order_id, cast(customer as varchar) as customer_id, cast({{ cents('amount') }} as integer) as amount_cents, cast(ordered_at as date) as ordered_at
from {{ source('shop', 'raw_orders') }}
