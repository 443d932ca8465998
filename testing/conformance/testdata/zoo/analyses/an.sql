select * from {{ ref('mart_a') }} -- {{ var('start') }}
