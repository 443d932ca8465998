{# Script that applies a staging table to a snapshot. #}
{% macro snapshot_merge_sql(target, source, insert_cols) -%}
  {{ return(adapter.dispatch('snapshot_merge_sql', 'dbt')(target, source, insert_cols)) }}
{%- endmacro %}

{# One MERGE: versions that hold are ended, new ones inserted. #}
{% macro default__snapshot_merge_sql(target, source, insert_cols) -%}
    {%- set columns = dbt.snapshot_column_names() -%}
    {%- set valid_to = 'DBT_INTERNAL_DEST.' ~ columns.dbt_valid_to -%}
    {%- set open_value = config.get('dbt_valid_to_current') -%}
    {%- set insert_list = insert_cols | join(', ') -%}
    merge into {{ target.render() }} as DBT_INTERNAL_DEST
    using {{ source }} as DBT_INTERNAL_SOURCE
    on DBT_INTERNAL_SOURCE.{{ columns.dbt_scd_id }} = DBT_INTERNAL_DEST.{{ columns.dbt_scd_id }}

    when matched
     and {% if open_value %}({{ equals(valid_to, open_value | trim) }} or {{ valid_to }} is null){% else %}{{ valid_to }} is null{% endif %}
     and DBT_INTERNAL_SOURCE.dbt_change_type in ('update', 'delete')
        then update
        set {{ columns.dbt_valid_to }} = DBT_INTERNAL_SOURCE.{{ columns.dbt_valid_to }}

    when not matched
     and DBT_INTERNAL_SOURCE.dbt_change_type = 'insert'
        then insert ({{ insert_list }})
        values ({{ insert_list }})

{% endmacro %}
