{# Writes the query's result to a file and makes a view that reads it. #}
{% materialization external, adapter='duckdb', supported_languages=['sql', 'python'] %}
  {%- set location = render(config.get('location', default=external_location(this, config))) -%}
  {%- set options = render_write_options(config) -%}
  {#- this also settles the format in options, where only the location tells -#}
  {%- set write_options = adapter.external_write_options(location, options) -%}
  {%- set format = duckdb__external_format(config.get('format'), options) -%}
  {%- set language = model['language'] -%}

  {%- set target_relation = this.incorporate(type='view') -%}
  {%- set existing_relation = load_cached_relation(this) -%}
  {%- set rows_relation = make_intermediate_relation(this.incorporate(type='table'), suffix='__dbt_tmp') -%}
  {%- set plan = {
    'existing': existing_relation,
    'target': target_relation,
    'intermediate': make_intermediate_relation(target_relation, suffix='__dbt_int'),
    'backup': make_backup_relation(target_relation, 'table' if existing_relation is none else existing_relation.type),
  } -%}
  {%- do dbt.swap_clear_leftovers(plan) -%}
  {%- do drop_relation_if_exists(load_cached_relation(rows_relation)) -%}

  {{ run_hooks(pre_hooks, inside_transaction=False) }}
  {{ run_hooks(pre_hooks, inside_transaction=True) }}

  {% call statement('create_table', language=language) -%}
    {{- create_table_as(False, rows_relation, compiled_code, language) }}
  {%- endcall %}
  {#- a file without rows would lose its columns: it gets one row of nulls, which the view leaves out -#}
  {% set columns = get_columns_in_relation(rows_relation) %}
  {% set is_empty = run_query('select count(*) from ' ~ rows_relation)[0][0] == 0 %}
  {% if is_empty %}
    {% call statement('write_null_row') -%}
      insert into {{ rows_relation }} values ({{ (['null'] * columns | length) | join(', ') }})
    {%- endcall %}
  {% endif %}
  {{ write_to_file(rows_relation, location, write_options) }}

  {% call statement('main', language='sql') -%}
    create or replace view {{ plan.intermediate }} as (
      select * from {{ duckdb__external_reader_sql(format, adapter.external_read_location(location, options), options) }}
      {{ duckdb__leave_out_null_row(columns) if is_empty }}
    );
  {%- endcall %}
  {% do duckdb__free_for_rename(existing_relation, []) %}
  {% do dbt.swap_names(plan) %}

  {{ run_hooks(post_hooks, inside_transaction=True) }}
  {% do dbt.finish_relation(target_relation, existing_relation) %}
  {% do drop_relation_if_exists(plan.backup) %}
  {% do drop_relation_if_exists(rows_relation) %}
  {% do adapter.commit() %}

  {#- glue_register is the older way to name the plugin -#}
  {% set plugin = 'glue|' ~ config.get('glue_database', 'default') if config.get('glue_register', default=false) else config.get('plugin') %}
  {% if plugin is not none %}
    {% do store_relation(plugin, target_relation, location, format, config) %}
  {% endif %}

  {{ run_hooks(post_hooks, inside_transaction=False) }}
  {{ return({'relations': [target_relation]}) }}
{% endmaterialization %}

{# Format in which the files are read back: the configured one, else the one they are written in. #}
{% macro duckdb__external_format(format, options) -%}
  {%- set known = ['csv', 'parquet', 'json'] -%}
  {%- if format and format not in known -%}
    {%- do exceptions.raise_compiler_error('Invalid format: ' ~ format ~ '. Allowed formats are: ' ~ known | join(', ')) -%}
  {%- endif -%}
  {%- set written = format or options['format'] | lower -%}
  {{ return(written if written in known else 'parquet') }}
{%- endmacro %}

{# The table function that reads the files, with the options of the <format>_read_options config. #}
{% macro duckdb__external_reader_sql(format, files, options) -%}
  {%- set defaults = {'union_by_name': false} if format == 'parquet' else {'auto_detect': true} -%}
  {%- set given = dict(config.get(format ~ '_read_options', defaults)) -%}
  {#- the readers know compressed text by its extension, and only in lower case -#}
  {%- if format != 'parquet' and options.get('compression') -%}
    {%- do given.setdefault('compression', options['compression']) -%}
  {%- endif -%}
  {%- set arguments = ["'" ~ files ~ "'"] -%}
  {%- for name, value in given.items() -%}
    {%- do arguments.append(name ~ '=' ~ ("'" ~ value ~ "'" if value is string else value)) -%}
  {%- endfor -%}
  read_{{ format }}({{ arguments | join(', ') }})
{%- endmacro %}

{# Keeps the row of nulls in an empty model's file out of its view. #}
{% macro duckdb__leave_out_null_row(columns) -%}
  {%- set terms = [] -%}
  {%- for column in columns -%}{%- do terms.append(column.quoted ~ ' is not null') -%}{%- endfor -%}
  where {{ terms | join(' and ') }}
{%- endmacro %}
