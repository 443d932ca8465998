{#- One row per key of a landed stream: the newest by the event's own time, then by its place in the
    partition. It makes duplicates one, and lets a late record not undo a newer one. -#}
{% macro newest(relation, key, moment) -%}
(
    select *
    from (
        select *, row_number() over (partition by {{ key }} order by {{ moment }} desc, _stream_offset desc) as _newest
        from {{ relation }}
    ) as numbered
    where _newest = 1
)
{%- endmacro %}
