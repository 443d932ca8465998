package value

// TypeName is Python's name for the type of v: "str", "int", "dict", "NoneType" …
func TypeName(v Value) string {
	switch v.Kind() {
	case KindUndefined:
		return "Undefined"
	case KindNone:
		return "NoneType"
	case KindBool:
		return "bool"
	case KindInt, KindBig:
		return "int"
	case KindFloat:
		return "float"
	case KindString:
		return "str"
	case KindList:
		return "list"
	case KindTuple:
		return "tuple"
	case KindDict:
		return "dict"
	case KindSet:
		return "set"
	}
	return v.rawObject().TypeName()
}
