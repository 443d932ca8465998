{#- Python put after the code of a .py model, which gives it dbt.ref, dbt.source, dbt.config, dbt.this and dbt.is_incremental. -#}

{# A relation's name as the Python code gets to see it. #}
{% macro resolve_model_name(input_model_name) -%}
  {{ return(adapter.dispatch('resolve_model_name', 'dbt')(input_model_name)) }}
{%- endmacro %}

{# As SQL writes it. #}
{% macro default__resolve_model_name(input_model_name) -%}
  {{ input_model_name | string }}
{%- endmacro %}

{# Python function ref(): a lookup in the references that were found when the model was parsed. #}
{% macro build_ref_function(model) %}
{%- set known = {} -%}
{%- for reference in model.refs -%}
  {%- set path = [reference['package'], reference['name']] if reference.get('package') else [reference['name']] -%}
  {%- set relation = ref(*path, v=reference.get('version')) -%}
  {#- plain name, without the row limits of sample and empty runs; a project's own ref() may return text -#}
  {%- if relation.render is defined and relation.render is callable -%}
    {%- set relation = relation.render() -%}
  {%- endif -%}
  {%- set key = path + (['v' ~ reference['version']] if reference.get('version') else []) -%}
  {%- do known.update({key | join('.'): resolve_model_name(relation)}) -%}
{%- endfor %}
def ref(*path, **options):
    known = {{ known | tojson }}
    name = '.'.join(path)
    version = options.get('v') or options.get('version')
    if version:
        name += f'.v{version}'
    return options['dbt_load_df_function'](known[name])
{% endmacro %}

{# Python function source(), likewise. #}
{% macro build_source_function(model) %}
{%- set known = {} -%}
{%- for path in model.sources -%}
  {%- do known.update({path | join('.'): resolve_model_name(source(*path))}) -%}
{%- endfor %}
def source(*path, dbt_load_df_function):
    known = {{ known | tojson }}
    return dbt_load_df_function(known['.'.join(path)])
{% endmacro %}

{# Python mappings with the values of the configs and meta entries that the model reads. #}
{% macro build_config_dict(model) %}
{%- set values = {} -%}
{%- for key, fallback in zip(model.config.config_keys_used, model.config.config_keys_defaults) -%}
  {%- do values.update({key: model.config.get(key, fallback)}) -%}
{%- endfor -%}
{%- set meta_values = {} -%}
{%- if model.config.meta_keys_used -%}
  {%- set meta = model.config.meta or {} -%}
  {%- for key, fallback in zip(model.config.meta_keys_used, model.config.meta_keys_defaults) -%}
    {%- do meta_values.update({key: meta[key] if key in meta else fallback}) -%}
  {%- endfor -%}
{%- endif %}
config_dict = {{ values }}
meta_dict = {{ meta_values }}
{% endmacro %}

{# All of it: the whole text that follows the user's code. #}
{% macro py_script_postfix(model) %}
# End of the model's own code. What follows answers its calls of dbt.ref, dbt.source and dbt.config.
{{ build_ref_function(model) }}
{{ build_source_function(model) }}
{{ build_config_dict(model) }}

class config:
    def __init__(self, *args, **kwargs):
        pass

    @staticmethod
    def get(key, default=None):
        return config_dict.get(key, default)

    @staticmethod
    def meta_get(key, default=None):
        return meta_dict.get(key, default)


class this:
    database = "{{ this.database }}"
    schema = "{{ this.schema }}"
    identifier = "{{ this.identifier }}"

    def __repr__(self):
        return '{{ resolve_model_name(this) }}'


class dbtObj:
    def __init__(self, load_df_function) -> None:
        self.source = lambda *path: source(*path, dbt_load_df_function=load_df_function)
        self.ref = lambda *path, **options: ref(*path, **options, dbt_load_df_function=load_df_function)
        self.config = config
        self.this = this()
        self.is_incremental = {{ is_incremental() }}

{{ py_script_comment() }}
{% endmacro %}

{# A place for engines and projects to say how to run the compiled script by hand. #}
{% macro py_script_comment() %}
{% endmacro %}
