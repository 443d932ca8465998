select * from {{ ref('stg_customers') }} where 2=2
