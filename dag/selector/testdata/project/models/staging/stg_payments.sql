{{ config(materialized='ephemeral', level_list=[1, 2]) }}
select {{ cents('amount') }} as amount, 1 as order_id from {{ source('raw', 'payments') }}
