{{ config(materialized='incremental', incremental_strategy='microbatch', event_time='ts', begin='2020-01-01', batch_size='day', lookback=2) }}
select * from {{ ref('stg_a') }}
