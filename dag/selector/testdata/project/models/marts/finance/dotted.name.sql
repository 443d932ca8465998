{{ config(group='core') }} select * from {{ ref('revenue') }}
