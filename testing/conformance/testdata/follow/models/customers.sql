{{ config(materialized='incremental', unique_key='customer', meta={'stream': {'advance': 'keyed', 'on_test_failure': 'hold'}}) }}
select customer, count(*) as n, sum(double) as total from {{ ref('lines') }} group by customer
