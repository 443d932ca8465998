{{ config(materialized='view') }} select 2 as id, 3 as extra
