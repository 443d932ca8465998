package builtin

import "github.com/millrace/millrace/compiler/jinja/value"

func init() {
	Filters = map[string]Filter{
		"abs": abs, "attr": attr, "batch": batch, "capitalize": textFilter("do_capitalize", value.Capitalize),
		"center": center, "count": length, "d": defaultTo, "default": defaultTo, "dictsort": dictSort,
		"e": escape, "escape": escape, "filesizeformat": fileSize, "first": first, "float": toFloat,
		"forceescape": forceEscape, "format": format, "groupby": groupBy, "indent": indent, "int": toInt,
		"items": items, "join": join, "last": last, "length": length, "list": list,
		"lower": textFilter("do_lower", value.Lower), "map": mapFilter, "max": extreme("max", ">"), "min": extreme("min", "<"),
		"pprint": pprint, "random": random, "reject": selection("reject", false, false), "rejectattr": selection("rejectattr", true, false),
		"replace": replace, "reverse": reverse, "round": round, "safe": safe,
		"select": selection("select", false, true), "selectattr": selection("selectattr", true, true),
		"slice": slice, "sort": sorted, "string": toString, "striptags": textFilter("do_striptags", stripTags), "sum": sum,
		"title": textFilter("do_title", title), "tojson": toJSON, "trim": trim, "truncate": truncate, "unique": unique,
		"upper": textFilter("do_upper", value.Upper), "urlencode": urlEncode, "urlize": urlize, "wordcount": wordCount,
		"wordwrap": wordWrap, "xmlattr": xmlAttr,

		"as_text": mark(value.MarkText), "as_bool": mark(value.MarkBool), "as_native": mark(value.MarkNative),
		"as_number": mark(value.MarkNumber), "is_list": isList,
	}
	Tests = map[string]Test{
		"odd": remainder("odd", 1), "even": remainder("even", 0), "divisibleby": divisibleBy,
		"defined":   kindTest(func(v value.Value) bool { return !v.IsUndefined() }),
		"undefined": kindTest(value.Value.IsUndefined),
		"filter":    named(func(name string) bool { _, ok := Filters[name]; return ok }),
		"test":      named(func(name string) bool { _, ok := Tests[name]; return ok }),
		"none":      kindTest(value.Value.IsNone),
		"boolean":   kindTest(func(v value.Value) bool { return v.Kind() == value.KindBool }),
		"false":     kindTest(func(v value.Value) bool { b, ok := v.AsBool(); return ok && !b }),
		"true":      kindTest(func(v value.Value) bool { b, ok := v.AsBool(); return ok && b }),
		"integer":   kindTest(isInteger), "float": kindTest(func(v value.Value) bool { return v.Kind() == value.KindFloat }),
		"lower": caseTest(value.IsLower), "upper": caseTest(value.IsUpper),
		"string":  kindTest(func(v value.Value) bool { _, ok := value.Text(v); return ok }),
		"mapping": kindTest(isMapping), "number": kindTest(isNumber), "sequence": kindTest(isSequence),
		"iterable": kindTest(value.CanIterate), "callable": kindTest(value.IsCallable), "sameas": sameAs,
		"escaped": kindTest(value.IsSafe), "in": in,
		"==": compare("=="), "eq": compare("=="), "equalto": compare("=="), "!=": compare("!="), "ne": compare("!="),
		">": compare(">"), "gt": compare(">"), "greaterthan": compare(">"), ">=": compare(">="), "ge": compare(">="),
		"<": compare("<"), "lt": compare("<"), "lessthan": compare("<"), "<=": compare("<="), "le": compare("<="),
	}
	Globals = map[string]value.Value{
		"range": value.Func("range", newRange), "dict": value.FromObject(dictClass{}), "lipsum": value.Func("lipsum", lipsum),
		"cycler": value.Func("cycler", newCycler), "joiner": value.Func("joiner", newJoiner),
		"namespace": value.Func("namespace", newNamespace),
	}
}
