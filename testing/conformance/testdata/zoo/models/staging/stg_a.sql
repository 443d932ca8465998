{{ config(tags=['a', 'b'], meta={'x': {'y': [1, none]}}, enabled=var('on', true), grants={'+select': ['bob'], 'insert': 'carl'}, post_hook=["select 1", {'sql': 'vacuum', 'transaction': false}], pre_hook="{{ log_it('pre') }}") }}
select * from {{ ref('seed_a') }}
