{#- The key of a snapshot is one expression, or a list of them; these give its SQL for both. -#}

{# Select items dbt_unique_key, or dbt_unique_key_1, dbt_unique_key_2, … #}
{% macro unique_key_fields(unique_key) %}
    {% if unique_key | is_list %}
        {%- for key in unique_key %}
        {{ key }} as dbt_unique_key_{{ loop.index }}{{ ',' if not loop.last }}
        {%- endfor %}
    {% else %}
        {{ unique_key }} as dbt_unique_key
    {% endif %}
{% endmacro %}

{# Join condition of two row sets that carry these fields. #}
{% macro unique_key_join_on(unique_key, identifier, from_identifier) %}
    {% if unique_key | is_list %}
        {%- for key in unique_key %}
        {{ equals(identifier ~ '.dbt_unique_key_' ~ loop.index, from_identifier ~ '.dbt_unique_key_' ~ loop.index) | trim }}{{ ' and' if not loop.last }}
        {%- endfor %}
    {% else %}
        {{ identifier }}.dbt_unique_key = {{ from_identifier }}.dbt_unique_key
    {% endif %}
{% endmacro %}

{# An outer join found no partner. #}
{% macro unique_key_is_null(unique_key, identifier) %}
    {{ identifier }}.dbt_unique_key{{ '_1' if unique_key | is_list }} is null
{% endmacro %}

{# An outer join found a partner. #}
{% macro unique_key_is_not_null(unique_key, identifier) %}
    {{ identifier }}.dbt_unique_key{{ '_1' if unique_key | is_list }} is not null
{% endmacro %}
