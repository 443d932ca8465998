select * from {{ ref('pkg_a') }}
