{{ config(severity='warn') }}
select * from {{ ref('orders', v=2) }} where amount_cents < 0
