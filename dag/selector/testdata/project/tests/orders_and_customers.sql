{{ config(tags=['singular_tag']) }}
select 1 from {{ ref('fct_orders') }} join {{ ref('stg_customers') }} using (customer_id) where false
