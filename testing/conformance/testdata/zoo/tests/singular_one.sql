{{ config(severity='error', tags=['s1'], store_failures=true, where="1=1") }}
select * from {{ ref('mart_a') }} where {{ uses_cents('id') }} is null
