{# For on-run-start: views over the files of external models that are read in this run but not built in it. #}
{% macro register_upstream_external_models() -%}
  {%- if execute -%}
    {%- set upstream = [] -%}
    {%- for id in selected_resources if id in graph['nodes'] -%}
      {%- for parent in graph['nodes'][id]['depends_on']['nodes']
            if parent not in upstream and parent not in selected_resources and parent in graph['nodes'] -%}
        {%- do upstream.append(parent) -%}
      {%- endfor -%}
    {%- endfor -%}
    {%- set schemas = [] -%}
    {%- for id in upstream -%}
      {%- set node = graph['nodes'][id] -%}
      {%- if node.resource_type in ['model', 'seed'] and node.config.materialized == 'external' -%}
        {%- set relation = api.Relation.create(database=node['database'], schema=node['schema'], identifier=node['alias']) -%}
        {%- if relation.schema not in schemas -%}
          {% call statement('main', language='sql') -%}
            create schema if not exists {{ relation.without_identifier() }}
          {%- endcall %}
          {%- do schemas.append(relation.schema) -%}
        {%- endif -%}
        {%- set location = node.config.get('location', external_location(relation, node.config)) -%}
        {%- set files = adapter.external_read_location(location, render_write_options(node.config)) -%}
        {% call statement('main', language='sql') -%}
          create or replace view {{ relation }} as (
            select * from '{{ files }}'
          );
        {%- endcall %}
      {%- endif -%}
    {%- endfor -%}
    {%- if schemas -%}
      {%- do adapter.commit() -%}
    {%- endif -%}
  {%- endif -%}
{%- endmacro %}
