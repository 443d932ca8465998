{# No value of the column occurs twice. #}
{% test unique(model, column_name) %}
    {% set check = adapter.dispatch('test_unique', 'dbt') %}
    {{ check(model, column_name) }}
{% endtest %}

{# The column has a value in every row. #}
{% test not_null(model, column_name) %}
    {% set check = adapter.dispatch('test_not_null', 'dbt') %}
    {{ check(model, column_name) }}
{% endtest %}

{# The column holds only values of the list. #}
{% test accepted_values(model, column_name, values, quote=True) %}
    {% set check = adapter.dispatch('test_accepted_values', 'dbt') %}
    {{ check(model, column_name, values, quote) }}
{% endtest %}

{# Every value of the column is found in a column of another relation. #}
{% test relationships(model, column_name, to, field) %}
    {% set check = adapter.dispatch('test_relationships', 'dbt') %}
    {{ check(model, column_name, to, field) }}
{% endtest %}
