select c.id as customer_id, c.name, count(o.order_id) as orders
from {{ ref('raw_customers') }} as c
left join {{ ref('orders', v=2) }} as o on o.customer_id = c.id
group by all
