{{ config(materialized='incremental', unique_key='day', meta={'stream': {'isolate': true}}) }}
select cast(placed_at as date) as day, count(*) as n, max(amount) as largest from {{ ref('stg_orders') }} group by 1
