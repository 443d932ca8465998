{% snapshot orders_snapshot %}
{{ config(target_schema='snaps', unique_key='order_id', strategy='check', check_cols='all') }}
select * from {{ ref('stg_orders') }}
{% endsnapshot %}
