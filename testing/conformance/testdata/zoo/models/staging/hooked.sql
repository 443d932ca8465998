{{ config(post_hook="select {{ ref('seed_a') }} {{ log_it('p') }}", materialized='table', tags=['h']) }} select 1 as id
