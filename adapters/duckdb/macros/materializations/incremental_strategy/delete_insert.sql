{# A key of several columns is matched by join, so that a null in one of them matches nothing. #}
{% macro duckdb__get_delete_insert_merge_sql(target, source, unique_key, dest_columns, incremental_predicates) -%}
    {%- set columns = get_quoted_csv(get_list_of_column_names(dest_columns)) -%}
    {%- set predicates = normalize_incremental_predicates(incremental_predicates) -%}
    {%- if unique_key and unique_key is string -%}
    delete from {{ target }}
    where ({{ unique_key }}) in (
        select ({{ unique_key }})
        from {{ source }}
    )
    {%- for predicate in predicates %}
        and {{ predicate }}
    {%- endfor %};

    {% elif unique_key -%}
    delete from {{ target }} as DBT_INCREMENTAL_TARGET
    using {{ source }}
    where (
        {%- for key in unique_key %}
        {{ source }}.{{ key }} = DBT_INCREMENTAL_TARGET.{{ key }}{{ ' and' if not loop.last }}
        {%- endfor %}
        {%- for predicate in predicates %}
        and {{ predicate }}
        {%- endfor %}
    );

    {% endif -%}
    insert into {{ target }} ({{ columns }})
    (
        select {{ columns }}
        from {{ source }}
    )
{%- endmacro %}
