{% macro cents_to_dollars(column_name, scale=2) -%}
    round({{ column_name }} / 100.0, {{ scale }})
{%- endmacro %}

{% macro dateadd(part, interval, expr) %}{{ expr }} + interval '{{ interval }} {{ part }}'{% endmacro %}

{% macro star(columns, relation_alias=none, except=[], prefix='', suffix='') -%}
    {%- set except = except | map('lower') | list -%}
    {%- set kept = [] -%}
    {%- for col in columns if col.name | lower not in except -%}
        {%- do kept.append(col) -%}
    {%- endfor -%}
    {%- if kept | length == 0 -%}
        *
    {%- else -%}
        {%- for col in kept %}
            {%- if relation_alias %}{{ relation_alias }}.{% endif %}"{{ col.name }}"
            {%- if prefix != '' or suffix != '' %} as "{{ prefix ~ col.name ~ suffix }}"{% endif -%}
            {%- if not loop.last %},{{ '\n  ' }}{% endif -%}
        {%- endfor -%}
    {%- endif -%}
{%- endmacro %}

{% macro pivot(column, values, agg='sum', then_value=1, else_value=0, quote=true) %}
  {% for v in values %}
    {{ agg }}(case when {{ column }} = '{{ v | replace("'", "''") }}' then {{ then_value }} else {{ else_value }} end)
    as {% if quote %}"{{ v }}"{% else %}{{ v | lower | replace(' ', '_') }}{% endif %}
    {%- if not loop.last %},{% endif %}
  {% endfor %}
{% endmacro %}

{% macro union_relations(relations, columns, source_column='_dbt_source_relation') %}
    {%- set superset = {} -%}
    {%- for relation in relations -%}
        {%- for col in columns -%}
            {%- if col.name in superset -%}
                {%- do superset[col.name].append(relation) -%}
            {%- else -%}
                {%- do superset.update({col.name: [relation]}) -%}
            {%- endif -%}
        {%- endfor -%}
    {%- endfor -%}
    {%- for relation in relations %}
    (
        select
            '{{ relation }}' as {{ source_column }},
            {% for name, found in superset.items() -%}
                {%- set col_name = name if relation in found else 'null' -%}
                cast({{ col_name }} as {{ columns[loop.index0].dtype }}) as "{{ name }}"{% if not loop.last %},{% endif %}
            {% endfor %}
        from {{ relation }}
    )
    {% if not loop.last -%} union all {%- endif -%}
    {%- endfor -%}
{% endmacro %}

{% macro surrogate_key(fields) %}
    {%- set parts = [] -%}
    {%- for field in fields -%}
        {%- do parts.append("coalesce(cast(" ~ field ~ " as varchar), '')") -%}
    {%- endfor -%}
    {{ return("md5(" ~ parts | join(" || '-' || ") ~ ")") }}
{% endmacro %}
