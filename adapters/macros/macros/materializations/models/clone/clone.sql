{# For the clone command: the other state's relation, cloned where the engine can and else seen through a view. #}
{% materialization clone, default %}
  {%- if not defer_relation -%}
    {%- do log('No relation found in state manifest for ' ~ model.unique_id, info=True) -%}
    {{ return({'relations': []}) }}
  {%- endif -%}

  {%- set existing_relation = load_cached_relation(this) -%}
  {%- if existing_relation and not flags.FULL_REFRESH -%}
    {%- do log('Relation ' ~ existing_relation ~ ' already exists', info=True) -%}
    {{ return({'relations': []}) }}
  {%- endif -%}

  {%- set origin = load_cached_relation(defer_relation) -%}
  {%- if not (origin and origin.type == 'table' and can_clone_table()) -%}
    {%- set for_engine = 'materialization_view_' ~ adapter.type() -%}
    {%- set as_view = context[for_engine if for_engine in context else 'materialization_view_default'] -%}
    {{ return(as_view()) }}
  {%- endif -%}

  {%- set target_relation = this.incorporate(type='table') -%}
  {%- if existing_relation is not none and not existing_relation.is_table -%}
    {%- do log('Dropping relation ' ~ existing_relation.render() ~ ' because it is of type ' ~ existing_relation.type) -%}
    {%- do drop_relation_if_exists(existing_relation) -%}
  {%- endif -%}
  {%- if [target_relation.database, target_relation.schema, target_relation.identifier]
         == [defer_relation.database, defer_relation.schema, defer_relation.identifier] -%}
    {%- do log('Target relation and defer relation are the same, skipping clone for relation: ' ~ target_relation.render()) -%}
  {%- else -%}
    {% call statement('main') %}
      {{ create_or_replace_clone(target_relation, defer_relation) }}
    {% endcall %}
  {%- endif -%}
  {%- do dbt.finish_relation(target_relation, existing_relation) -%}
  {{ return({'relations': [target_relation]}) }}
{% endmaterialization %}
