{#- The atomic replacement shared by table, view and incremental: the new version is built under an intermediate
    name; old and new then trade names inside the transaction, and the old one is dropped after the commit.
    Until the commit the old version stays as it is, whatever fails. -#}

{# The relations that take part: target, intermediate, backup, and existing as cached (none on a first build). #}
{% macro swap_plan(type) -%}
  {%- set existing = load_cached_relation(this) -%}
  {%- set target = this.incorporate(type=type) -%}
  {{ return({
    'existing': existing,
    'target': target,
    'intermediate': make_intermediate_relation(target),
    'backup': make_backup_relation(target, type if existing is none else existing.type),
  }) }}
{%- endmacro %}

{# Removes what a run that died half-way may have left under the helper names. #}
{% macro swap_clear_leftovers(plan) -%}
  {%- set leftovers = [load_cached_relation(plan.intermediate), load_cached_relation(plan.backup)] -%}
  {%- for leftover in leftovers -%}
    {%- do drop_relation_if_exists(leftover) -%}
  {%- endfor -%}
{%- endmacro %}

{# Trades the names. Looks the old version up again, for a hook may have dropped it meanwhile. #}
{% macro swap_names(plan) -%}
  {%- set outgoing = none if plan.existing is none else load_cached_relation(plan.existing) -%}
  {%- if outgoing is not none -%}
    {%- do adapter.rename_relation(outgoing, plan.backup) -%}
  {%- endif -%}
  {%- do adapter.rename_relation(plan.intermediate, plan.target) -%}
{%- endmacro %}

{# Grants and descriptions of a relation that has just been built. #}
{% macro finish_relation(target_relation, existing_relation, full_refresh_mode=True) -%}
  {%- do apply_grants(target_relation, config.get('grants'), should_revoke=should_revoke(existing_relation, full_refresh_mode)) -%}
  {%- do persist_docs(target_relation, model) -%}
{%- endmacro %}
