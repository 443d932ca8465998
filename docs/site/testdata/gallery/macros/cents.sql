{% macro cents(column) %}cast({{ column }} * 100 as integer){% endmacro %}
{% macro twice_cents(column) %}2 * {{ cents(column) }}{% endmacro %}
