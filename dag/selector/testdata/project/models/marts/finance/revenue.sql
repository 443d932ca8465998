{{ config(materialized='incremental', group='core', access='private') }}
select * from {{ ref('fct_orders') }} join {{ ref('dim_customers', v=2) }} using (customer_id) join {{ ref('pkg_model') }} using (x)
