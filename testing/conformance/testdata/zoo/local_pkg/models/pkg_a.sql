{{ config(materialized='view', tags='in_file', meta={'k': 1}) }}
select '{{ var("colour") }}' as c, {{ var('size') }} as s
