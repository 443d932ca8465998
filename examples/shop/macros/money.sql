{#- Amounts arrive in cents; marts show them in euros with two decimals. -#}
{% macro euros(column) -%}
    cast({{ column }} / 100.0 as decimal(18, 2))
{%- endmacro %}
