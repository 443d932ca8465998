package value

import (
	"encoding/json"
	"fmt"
	"math/big"
	"slices"
	"time"
)

// FromGo converts plain Go data: nil, bools, numbers, strings, slices, maps (keys sorted,
// as Go maps have no order) and time.Time. A Value or Object is taken as it is. Anything
// else is a programming error and panics.
func FromGo(x any) Value {
	switch x := x.(type) {
	case nil:
		return None
	case Value:
		return x
	case bool:
		return Bool(x)
	case int:
		return Int(int64(x))
	case int8:
		return Int(int64(x))
	case int16:
		return Int(int64(x))
	case int32:
		return Int(int64(x))
	case int64:
		return Int(x)
	case uint8:
		return Int(int64(x))
	case uint16:
		return Int(int64(x))
	case uint32:
		return Int(int64(x))
	case uint:
		return Big(new(big.Int).SetUint64(uint64(x)))
	case uint64:
		return Big(new(big.Int).SetUint64(x))
	case float32:
		return Float(float64(x))
	case float64:
		return Float(x)
	case *big.Int:
		return Big(x)
	case json.Number:
		if v, err := parseNumber(string(x)); err == nil {
			return v
		}
		return String(string(x))
	case string:
		return String(x)
	case []byte:
		return NewBytes(x)
	case time.Time:
		return NewDateTime(x, true)
	case time.Duration:
		return NewTimeDelta(x)
	case []string:
		return Strings(x...)
	case []Value:
		return NewList(x...)
	case []any:
		return listFromGo(x)
	case []map[string]any:
		return listFromGo(x)
	case map[string]any:
		return dictFromGo(x)
	case map[string]string:
		return dictFromGo(x)
	case map[string]bool:
		return dictFromGo(x)
	case map[string]int:
		return dictFromGo(x)
	case map[string][]string:
		return dictFromGo(x)
	case *Dict:
		return FromDict(x)
	case *List:
		return FromList(x)
	case *Set:
		return FromSet(x)
	case *Tuple:
		return FromTuple(x)
	case Object:
		return FromObject(x)
	}
	panic(fmt.Sprintf("value.FromGo: no conversion from %T", x))
}

func listFromGo[T any](xs []T) Value {
	out := make([]Value, len(xs))
	for i, x := range xs {
		out[i] = FromGo(x)
	}
	return NewList(out...)
}

func dictFromGo[T any](m map[string]T) Value {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	d := NewDict(len(keys))
	for _, k := range keys {
		d.SetString(k, FromGo(m[k]))
	}
	return FromDict(d)
}
