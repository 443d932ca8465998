{{
    config(
        materialized='incremental',
        unique_key='order_id',
        tags=['finance', 'daily'],
        on_schema_change='append_new_columns'
    )
}}

{% set payment_methods = ['credit_card', 'coupon', 'bank_transfer', 'gift_card'] %}
{%- set lookback_days = var('lookback_days', 3) -%}

with orders as (

    select * from {{ ref('stg_orders') }}
    {% if is_incremental() %}
    where ordered_at >= (
        select {{ dateadd('day', -lookback_days, 'max(ordered_at)') }} from {{ this }}
    )
    {% endif %}

),

payments as (

    select * from {{ source('stripe', 'payments') }}

),

order_payments as (

    select
        order_id,
        {% for payment_method in payment_methods -%}
        sum(case when payment_method = '{{ payment_method }}' then amount else 0 end) as {{ payment_method }}_amount
        {%- if not loop.last %},{% endif %}
        {% endfor -%}
        , sum(amount) as total_amount

    from payments
    group by order_id

),

-- the final shape: one row per order, amounts in currency units
final as (

    select
        orders.order_id,
        orders.customer_id,
        orders.ordered_at,
        orders.status,
        {% for payment_method in payment_methods -%}
        {{ cents_to_dollars('order_payments.' ~ payment_method ~ '_amount') }} as {{ payment_method }}_amount,
        {% endfor -%}
        {{ cents_to_dollars('order_payments.total_amount', scale=4) }} as amount

    from orders
    left join order_payments
        on orders.order_id = order_payments.order_id

)

{# tested in models/marts/orders.yml #}
select * from final
