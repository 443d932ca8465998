{% test big(model, column_name, other=none, opts={}) %}
select * from {{ model }} {% if other %} join {{ other }} using (id) {% endif %}
{% endtest %}
