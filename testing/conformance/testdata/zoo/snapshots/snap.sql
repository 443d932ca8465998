{% snapshot snap_a %}
{{ config(unique_key='id', strategy='timestamp', updated_at='ts', snapshot_meta_column_names={'dbt_valid_to': 'vt'}) }}
select * from {{ ref('stg_a') }}
{% endsnapshot %}
{% snapshot snap_b %}{{ config(unique_key=['id','x'], strategy='check', check_cols='all', target_schema='other_s', invalidate_hard_deletes=true) }} select * from {{ source('raw','orders') }}{% endsnapshot %}
