package parse

import (
	"crypto/md5"
	"encoding/hex"
	"slices"
	"sort"
	"strings"

	"github.com/millrace/millrace/compiler/jinja/value"
)

// synthesizeNames makes a generic test's name from its type, target and arguments: short
// for the file and alias, full for the unique_id. The short one is cut and hashed when the
// full one has 64 characters or more.
func synthesizeNames(testType, target string, args *value.Dict) (short, full string) {
	keys := make([]string, 0, args.Len())
	for k := range args.All() {
		if key := value.Str(k); key != "model" {
			keys = append(keys, key)
		}
	}
	sort.Strings(keys)
	var parts []string
	for _, key := range keys {
		arg, _ := args.GetString(key)
		for _, part := range flatArgument(arg) {
			parts = append(parts, cleanArgument(value.Str(part)))
		}
	}
	identifier := testType + "_" + target
	full = identifier + "_" + strings.Join(parts, "__")
	if len([]rune(full)) < 64 {
		return full, full
	}
	if runes := []rune(identifier); len(runes) > 30 {
		identifier = string(runes[:30])
	}
	return identifier + "_" + md5Hex(full), full
}

func flatArgument(v value.Value) []value.Value {
	switch v.Kind() {
	case value.KindDict:
		d, _ := v.AsDict()
		return d.Values()
	case value.KindList, value.KindTuple:
		return v.Items()
	}
	return []value.Value{v}
}

// cleanArgument replaces every run of characters that a name cannot have by "_".
func cleanArgument(s string) string {
	var b strings.Builder
	gap := false
	for i := 0; i < len(s); i++ {
		if isWordByte(s[i]) {
			b.WriteByte(s[i])
			gap = false
		} else if !gap {
			b.WriteByte('_')
			gap = true
		}
	}
	return b.String()
}

func md5Hex(s string) string {
	sum := md5.Sum([]byte(s))
	return hex.EncodeToString(sum[:])
}

// testHash tells apart tests of the same name: the end of an md5 over the name and the
// test's metadata as Python prints it, keys sorted and scalars as text.
func testHash(name string, namespace string, testName string, kwargs *value.Dict) string {
	ns := "None"
	if namespace != "" {
		ns = namespace
	}
	text := make([]byte, 0, 512) // enough for nearly all, and not on the heap
	text = append(text, name...)
	text = append(text, "{'kwargs': "...)
	text = appendHashable(text, value.FromDict(kwargs))
	text = append(text, ", 'name': "...)
	text = value.AppendQuoted(text, testName)
	text = append(text, ", 'namespace': "...)
	text = value.AppendQuoted(text, ns)
	text = append(text, '}')
	sum := md5.Sum(text)
	return hex.EncodeToString(sum[11:])
}

// appendHashable appends a value as Python prints it, with keys sorted and scalars as text.
func appendHashable(dst []byte, v value.Value) []byte {
	switch v.Kind() {
	case value.KindDict:
		d, _ := v.AsDict()
		keys := d.Keys()
		slices.SortFunc(keys, func(a, b value.Value) int { return strings.Compare(value.Str(a), value.Str(b)) })
		dst = append(dst, '{')
		for i, k := range keys {
			if i > 0 {
				dst = append(dst, ", "...)
			}
			dst = append(dst, value.Repr(k)...)
			dst = append(dst, ": "...)
			item, _ := d.Get(k)
			dst = appendHashable(dst, item)
		}
		return append(dst, '}')
	case value.KindList:
		dst = append(dst, '[')
		for i, item := range v.Items() {
			if i > 0 {
				dst = append(dst, ", "...)
			}
			dst = appendHashable(dst, item)
		}
		return append(dst, ']')
	}
	return value.AppendQuoted(dst, value.Str(v))
}
