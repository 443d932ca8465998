-- millrace compile --select top_customers
select customer_name, segment, lifetime_value
from {{ ref('dim_customers') }}
order by lifetime_value desc
limit 20
