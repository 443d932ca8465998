package value

// Truth is Python's bool(v).
func Truth(v Value) bool {
	switch v.Kind() {
	case KindUndefined, KindNone:
		return false
	case KindBool, KindInt:
		return v.rawInt() != 0
	case KindFloat:
		return v.rawFloat() != 0
	case KindString:
		return v.rawString() != ""
	case KindList:
		return len(v.rawList().Items) > 0
	case KindTuple:
		return len(v.rawTuple().Items) > 0
	case KindDict:
		return v.rawDict().Len() > 0
	case KindSet:
		return v.rawSet().Len() > 0
	case KindObject:
		switch o := v.rawObject().(type) {
		case *Marker:
			return o.Text != ""
		case Truther:
			return o.Truth()
		case Lener:
			return o.Len() > 0
		}
	}
	return true
}

// Len is Python's len(v).
func Len(v Value) (int, error) {
	switch v.Kind() {
	case KindUndefined:
		return 0, nil
	case KindString:
		return runeLen(v.rawString()), nil
	case KindList:
		return len(v.rawList().Items), nil
	case KindTuple:
		return len(v.rawTuple().Items), nil
	case KindDict:
		return v.rawDict().Len(), nil
	case KindSet:
		return v.rawSet().Len(), nil
	case KindObject:
		switch o := v.rawObject().(type) {
		case *Marker:
			return runeLen(o.Text), nil
		case Lener:
			return o.Len(), nil
		}
	}
	return 0, typeError("object of type '%s' has no len()", TypeName(v))
}
