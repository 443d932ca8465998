package tracing

import (
	"strings"
	"sync"

	"github.com/millrace/millrace/compiler/sql/query"
)

// tracedFunction is a function of which it is known that its value is made from all of its
// arguments, and from nothing else.
type tracedFunction struct {
	class query.Class
	least int    // arguments, with fewer of which the engine makes something else of it
	typ   string // of its value; "1" is that of its first argument, "any" that of all
}

func (f tracedFunction) result(args []value) string {
	switch f.typ {
	case "1":
		if len(args) == 0 {
			return ""
		}
		return args[0].typ
	case "any":
		types := make([]string, len(args))
		for i, a := range args {
			types[i] = a.typ
		}
		return common(types)
	}
	return f.typ
}

// tracedFunctions are left out when they read more than their arguments, when the engine
// replaces them by a constant while it binds, when they hold lambdas, or when they give several rows.
var tracedFunctions = sync.OnceValue(func() map[string]tracedFunction {
	m := map[string]tracedFunction{}
	add := func(c query.Class, least int, typ, names string) {
		for _, n := range strings.Fields(names) {
			m[n] = tracedFunction{c, least, typ}
		}
	}
	add(query.Aggregate, 0, "BIGINT", "count")
	add(query.Aggregate, 1, "1", "min max any_value first last arbitrary")
	add(query.Aggregate, 1, "", "sum avg mean median stddev stddev_pop stddev_samp variance var_pop var_samp array_agg list mode quantile_cont quantile_disc approx_quantile arg_min arg_max max_by min_by product corr")
	add(query.Aggregate, 1, "BOOLEAN", "bool_and bool_or")
	add(query.Aggregate, 1, "VARCHAR", "string_agg listagg group_concat")
	add(query.Aggregate, 1, "BIGINT", "approx_count_distinct")
	add(query.WindowOnly, 0, "BIGINT", "row_number rank dense_rank ntile")
	add(query.WindowOnly, 0, "DOUBLE", "percent_rank cume_dist")
	add(query.WindowOnly, 1, "1", "lag lead first_value last_value nth_value")
	add(query.Scalar, 2, "any", "coalesce")
	add(query.Scalar, 2, "", "nullif greatest least")
	add(query.Scalar, 3, "", "if")
	add(query.Scalar, 1, "VARCHAR", "lower upper trim ltrim rtrim replace substring substr reverse concat md5 lpad rpad regexp_replace split_part")
	add(query.Scalar, 2, "VARCHAR", "concat_ws left right repeat strftime")
	add(query.Scalar, 1, "BIGINT", "length strlen")
	add(query.Scalar, 1, "", "abs round floor ceil ceiling sqrt ln log power pow exp sign mod date_trunc date_part date_diff datediff date_add year month day hour minute second quarter dayofweek "+
		"dayofyear week epoch strptime to_timestamp make_date last_day hash sha256 regexp_extract string_split json_extract json_extract_string dayname monthname")
	add(query.Scalar, 2, "BOOLEAN", "contains starts_with ends_with regexp_matches")
	return m
})
