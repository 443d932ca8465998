{% macro cents(c) %}{{ wrapped(c) }} / 100{% endmacro %}
{% macro wrapped(c) %}({{ c }}){% endmacro %}
