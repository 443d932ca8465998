package value

import (
	"crypto/sha256"
	"math"
	"math/big"
	"reflect"
	"strconv"
)

// hashKey identifies a hashable value other than a string: two values that are equal
// in Python (1, True, 1.0) have the same key.
type hashKey struct {
	kind Kind
	num  uint64
	str  string
	ref  any
}

// hash computes the key of v; strings are kept apart by the dict and never come here
// except inside tuples.
func hash(v Value) (hashKey, error) {
	var h hasher
	return h.hash(v, 0)
}

// hasher is one key in the making. A tuple that holds others several times has
// exponentially many paths: beyond a number of steps the keys of tuples are remembered.
type hasher struct {
	steps int
	known map[*Tuple]hashKey
}

const hashSteps = 1 << 12

// maxKeyText is how long the text of a tuple's key may be; a longer one becomes a digest.
const maxKeyText = 512

func (h *hasher) hash(v Value, depth int) (hashKey, error) {
	v = markerText(v)
	switch v.Kind() {
	case KindUndefined:
		return hashKey{kind: KindUndefined}, nil
	case KindNone:
		return hashKey{kind: KindNone}, nil
	case KindBool, KindInt:
		return hashKey{kind: KindInt, num: uint64(v.rawInt())}, nil
	case KindBig:
		return hashKey{kind: KindBig, str: v.rawBig().Text(36)}, nil
	case KindFloat:
		return hashFloat(v.rawFloat()), nil
	case KindString:
		return hashKey{kind: KindString, str: v.rawString()}, nil
	case KindTuple:
		if depth > maxNesting {
			return hashKey{}, Errorf("RecursionError", "maximum recursion depth exceeded")
		}
		t := v.rawTuple()
		if k, ok := h.known[t]; ok {
			return k, nil
		}
		h.steps++
		var enc []byte
		for _, item := range t.Items {
			k, err := h.hash(item, depth+1)
			if err != nil {
				return hashKey{}, err
			}
			if k.ref != nil {
				k.str = strconv.FormatUint(uint64(reflect.ValueOf(k.ref).Pointer()), 36)
			}
			enc = append(enc, byte(k.kind))
			enc = strconv.AppendUint(enc, k.num, 36)
			enc = append(enc, ':')
			enc = strconv.AppendInt(enc, int64(len(k.str)), 36)
			enc = append(enc, ':')
			enc = append(enc, k.str...)
		}
		if len(enc) > maxKeyText {
			sum := sha256.Sum256(enc)
			enc = sum[:]
		}
		key := hashKey{kind: KindTuple, num: uint64(len(t.Items)), str: string(enc)}
		if h.steps > hashSteps {
			if h.known == nil {
				h.known = map[*Tuple]hashKey{}
			}
			h.known[t] = key
		}
		return key, nil
	case KindObject:
		o := v.rawObject()
		if d, ok := o.(*Decimal); ok {
			return hashDecimal(d), nil
		}
		if own, ok := o.(Hasher); ok {
			if u, ok := o.(interface{ Unhashable() bool }); ok && u.Unhashable() {
				break
			}
			return hashKey{kind: KindObject, str: own.HashKey()}, nil
		}
		// Any other object is its own identity, which only pointers have.
		if reflect.TypeOf(o).Kind() == reflect.Pointer {
			return hashKey{kind: KindObject, ref: o}, nil
		}
	}
	return hashKey{}, typeError("unhashable type: '%s'", TypeName(v))
}

func hashFloat(f float64) hashKey {
	if f == math.Trunc(f) && !math.IsInf(f, 0) {
		if f >= -(1<<63) && f < 1<<63 {
			return hashKey{kind: KindInt, num: uint64(int64(f))}
		}
		b, _ := big.NewFloat(f).Int(nil)
		return hashKey{kind: KindBig, str: b.Text(36)}
	}
	return hashKey{kind: KindFloat, num: math.Float64bits(f)}
}
