{{ config(tags=['people'], meta={'owner': {'team': 'growth'}, 'pii': true}, group='core', access='protected') }}
select * from {{ ref('raw_customers') }}
