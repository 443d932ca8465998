{# Makes a user-defined function from a file. The macro <type>_function_<language>, as of the engine, writes its statement. #}
{% materialization function, default, supported_languages=['sql', 'python', 'javascript'] %}
  {% set existing_relation = load_cached_relation(this) %}
  {% set target_relation = this.incorporate(type=this.Function) %}
  {{ run_hooks(pre_hooks) }}
  {#- looked up under another name, for the name of the macro is known only now -#}
  {% set find_macro = adapter.dispatch %}
  {% set build_sql = find_macro(model.config.get('type') ~ '_function_' ~ model.get('language'), 'dbt')(target_relation) %}
  {{ function_execute_build_sql(build_sql, existing_relation, target_relation) }}
  {{ run_hooks(post_hooks) }}
  {{ return({'relations': [target_relation]}) }}
{% endmaterialization %}
