{# Replaces the rows of the batch's period, on both sides of which the engine has put the times into model.batch. #}
{% macro duckdb__get_incremental_microbatch_sql(arg_dict) -%}
    {%- set event_time = config.get('event_time') -%}
    {%- set batch = model.get('batch') or {} -%}
    {%- if not event_time -%}
      {%- do exceptions.raise_compiler_error("microbatch incremental strategy requires an 'event_time' model config") -%}
    {%- elif config.get('unique_key') -%}
      {%- do exceptions.raise_compiler_error("microbatch incremental strategy does not support 'unique_key'. Microbatch runs delete+insert per batch based on 'event_time' and does not do key-based upserts. Remove 'unique_key' or use incremental_strategy='merge'.") -%}
    {%- elif not (batch.get('event_time_start') and batch.get('event_time_end')) -%}
      {%- do exceptions.raise_compiler_error("microbatch incremental strategy requires 'batch.event_time_start' and 'batch.event_time_end' to be set in the context") -%}
    {%- endif -%}
    {%- set target = arg_dict['target_relation'] -%}
    {%- set columns = get_quoted_csv(get_list_of_column_names(arg_dict['dest_columns'])) -%}
    {%- set in_batch -%}
        {{ event_time }} >= '{{ batch.get('event_time_start') }}'
          and {{ event_time }} < '{{ batch.get('event_time_end') }}'
    {%- endset -%}
    {% set script %}
        delete from {{ target }}
        where {{ in_batch }}
        {%- for predicate in normalize_incremental_predicates(arg_dict.get('incremental_predicates')) %}
          and ({{ predicate }})
        {%- endfor %};

        insert into {{ target }} ({{ columns }})
        select {{ columns }}
        from {{ arg_dict['temp_relation'] }}
        where {{ in_batch }};
    {% endset %}
    {{ return(script) }}
{%- endmacro %}
