{{ config(materialized='view') }}
select *, upper(customer) as who from {{ source('raw', 'orders') }}
