package entryschema

// records are the mappings of properties files and what may stand in them: a line per key, in
// the order in which keys are judged. A ! marks a key that has to be there. `open` mappings may
// have keys of their own. The types are JSON's, [T] a list of T, (a b) one of these words, and
// $name a mapping described here.
const records = `
docs
  show boolean
  node_color string|null
validity
  is_start boolean
  is_end boolean
column_dimension
  type! string
  name string|null
  description string|null
  label string|null
  is_partition boolean
  config object
  validity_params $validity|null
column_entity
  type! string
  name string|null
  description string|null
  label string|null
  config object
column open
  name! string
  description string
  meta object
  data_type string|null
  constraints [object]
  docs $docs
  config object
  _extra object
  data_tests [object|string]
  tests [object|string]
  quote boolean|null
  tags [string]
  granularity string|null
  dimension $column_dimension|string|null
  entity $column_entity|string|null
columns_of
  include! string|[string]
  exclude [string]
version
  v! integer|number|string
  defined_in string|null
  description string
  access string|null
  config object
  constraints [object]
  docs $docs
  data_tests [object|string]|null
  tests [object|string]|null
  columns [$columns_of|$column]
  deprecation_date string|null
granularity
  name! string
  column_name string|null
time_spine
  standard_granularity_column! string
  custom_granularities [$granularity]
meta_config
  meta object
own_semantic_model
  name string|null
  enabled boolean
  group string|null
  config $meta_config|null
non_additive
  name! string
  window_agg! string
  group_by [string]
input_metric
  name! string
  filter string|[string]|null
  alias string|null
  offset_window string|null
  offset_to_grain string|null
constant_property
  base_property! string
  conversion_property! string
metric
  name! string
  type string
  label string|null
  description string
  filter string|[string]|null
  time_granularity string|null
  config object
  hidden boolean
  agg string|null
  percentile number|null
  percentile_type string|null
  join_to_timespine boolean|null
  fill_nulls_with integer|null
  expr string|integer|null
  non_additive_dimension $non_additive|null
  agg_time_dimension string|null
  window string|null
  grain_to_date string|null
  period_agg string
  input_metric $input_metric|string|null
  numerator $input_metric|string|null
  denominator $input_metric|string|null
  input_metrics [$input_metric|string]|null
  entity string|null
  calculation string|null
  base_metric $input_metric|string|null
  conversion_metric $input_metric|string|null
  constant_properties [$constant_property]|null
derived_entity
  type! string
  name string|null
  description string|null
  label string|null
  config object
  expr! string
derived_dimension
  type! string
  name string
  description string|null
  label string|null
  is_partition boolean
  config object
  validity_params $validity|null
  expr! string
  granularity string|null
derived_semantics
  entities [$derived_entity]
  dimensions [$derived_dimension]
model open
  name! string
  description string
  meta object
  data_type string|null
  constraints [object]
  docs $docs
  config object
  _extra object
  data_tests [object|string]
  tests [object|string]
  columns [$column]
  quote_columns boolean|null
  access string|null
  latest_version integer|number|string|null
  versions [$version]
  deprecation_date string|null
  time_spine $time_spine|null
  semantic_model $own_semantic_model|boolean|null
  primary_entity string|null
  agg_time_dimension string|null
  metrics [$metric]|null
  derived_semantics $derived_semantics|null
node open
  name! string
  description string
  meta object
  data_type string|null
  constraints [object]
  docs $docs
  config object
  _extra object
  data_tests [object|string]
  tests [object|string]
  columns [$column]
  quote_columns boolean|null
  access string|null
described_column open
  name! string
  description string
  meta object
  data_type string|null
  constraints [object]
  docs $docs
  config object
  _extra object
analysis open
  name! string
  description string
  meta object
  data_type string|null
  constraints [object]
  docs $docs
  config object
  _extra object
  columns [$described_column]
  access string|null
data_test open
  name! string
  description string
  meta object
  data_type string|null
  constraints [object]
  docs $docs
  config object
  _extra object
macro_argument
  name! string
  type string|null
  description string
macro open
  name! string
  description string
  meta object
  data_type string|null
  constraints [object]
  docs $docs
  config object
  _extra object
  arguments [$macro_argument]
returns
  data_type! string
  description string|null
argument
  name! string
  data_type! string
  description string|null
  default_value any
overload
  defined_in! string
  arguments [$argument]
  returns $returns|null
  description string|null
function open
  returns! $returns
  name! string
  description string
  meta object
  data_type string|null
  constraints [object]
  docs $docs
  config object
  _extra object
  access string|null
  arguments [$argument]
  overloads [$overload]
quoting
  database boolean|null
  schema boolean|null
  identifier boolean|null
  column boolean|null
time
  count integer|null
  period (minute hour day)|null
freshness
  warn_after $time|null
  error_after $time|null
  filter string|null
partition open
  _extra object
  name string
  description string
  data_type string
  meta object
external open
  _extra object
  location string|null
  file_format string|null
  row_format string|null
  tbl_properties string|null
  partitions [$partition|string]|null
table open
  name! string
  description string
  meta object
  data_type string|null
  constraints [object]
  docs $docs
  config object
  _extra object
  data_tests [object|string]
  tests [object|string]
  columns [$column]
  loaded_at_field string|null
  loaded_at_field_present boolean|null
  loaded_at_query string|null
  identifier string|null
  quoting $quoting
  freshness $freshness|null
  external $external|null
  tags [string]
source
  name! string
  description string
  meta object
  database string|null
  schema string|null
  loader string
  quoting $quoting
  freshness $freshness|null
  loaded_at_field string|null
  loaded_at_field_present boolean|null
  loaded_at_query string|null
  tables [$table]
  tags [string]
  config object
  unrendered_database string|null
  unrendered_schema string|null
table_patch
  name! string
  description string|null
  meta object|null
  data_type string|null
  docs $docs|null
  loaded_at_field string|null
  loaded_at_field_present boolean|null
  loaded_at_query string|null
  identifier string|null
  quoting $quoting
  freshness $freshness|null
  external $external|null
  tags [string]|null
  data_tests [object|string]|null
  tests [object|string]|null
  columns [$column]|null
source_patch
  name! string
  overrides! string
  config object
  description string|null
  meta object|null
  database string|null
  schema string|null
  loader string|null
  quoting $quoting|null
  freshness $freshness|null
  loaded_at_field string|null
  loaded_at_field_present boolean|null
  loaded_at_query string|null
  tables [$table_patch]|null
  tags [string]|null
owner open
  _extra object
  email string|[string]|null
  name string|null
exposure
  name! string
  type! (dashboard notebook analysis ml application)
  owner! $owner
  description string
  label string|null
  maturity (low medium high)|null
  meta object
  tags [string]
  url string|null
  depends_on [string]
  config object
group
  name! string
  owner! $owner
  description string|null
  config object
given
  input! string
  rows string|[object]|null
  format (csv dict sql)
  fixture string|null
expect
  rows string|[object]|null
  format (csv dict sql)
  fixture string|null
overrides
  macros object
  vars object
  env_vars object
versions_of
  include [integer|number|string]|null
  exclude [integer|number|string]|null
unit_test
  name! string
  model! string
  given! [$given]
  expect! $expect
  description string
  overrides $overrides|null
  config object
  versions $versions_of|null
input_measure
  name! string
  filter string|[string]|null
  alias string|null
  join_to_timespine boolean
  fill_nulls_with integer|null
conversion
  base_measure! $input_measure|string
  conversion_measure! $input_measure|string
  entity! string
  calculation string
  window string|null
  constant_properties [$constant_property]|null
cumulative
  window string|null
  grain_to_date string|null
  period_agg string
type_params
  measure $input_measure|string|null
  numerator $input_metric|string|null
  denominator $input_metric|string|null
  expr string|boolean|null
  window string|null
  grain_to_date string|null
  metrics [$input_metric|string]|null
  conversion_type_params $conversion|null
  cumulative_type_params $cumulative|null
typed_metric
  name! string
  type string
  label string
  description string
  filter string|[string]|null
  time_granularity string|null
  config object
  type_params! $type_params
  meta object
  tags [string]
defaults
  agg_time_dimension string|null
entity
  type! string
  name string
  description string|null
  label string|null
  config object
  role string|null
  expr string|null
percentile
  percentile number|null
  use_discrete_percentile boolean
  use_approximate_percentile boolean
non_additive_dimension
  name! string
  window_choice! string
  window_groupings [string]
measure
  name! string
  agg! string
  description string|null
  label string|null
  expr string|boolean|integer|null
  agg_params $percentile|null
  non_additive_dimension $non_additive_dimension|null
  agg_time_dimension string|null
  create_metric boolean
  config object
dimension_params
  time_granularity! string
  validity_params $validity|null
dimension
  type! string
  name string
  description string|null
  label string|null
  is_partition boolean
  config object
  type_params $dimension_params|null
  expr string|null
semantic_model
  name! string
  model! string
  config object
  description string|null
  label string|null
  defaults $defaults|null
  entities [$entity]
  measures [$measure]
  dimensions [$dimension]
  primary_entity string|null
query_params
  metrics [string]
  group_by [string]
  where string|[string]|null
  order_by [string]
  limit integer|null
export
  name! string
  config object
saved_query
  name! string
  query_params! $query_params
  description string|null
  label string|null
  exports [$export]
  config object
  tags string|[string]
`
