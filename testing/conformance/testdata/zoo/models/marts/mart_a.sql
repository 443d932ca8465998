{{ config(materialized='table', contract={'enforced': True}) }}
select 1 as id, 'x' as name, {{ cents('amount') }} as amount, {{ function('area') }}(1) f from {{ ref('stg_a') }} join {{ ref('zoo_pkg', 'pkg_b') }} using (id) join {{ ref('dim', v=1) }} using (id)
