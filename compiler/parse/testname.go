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
	meta := value.NewDict(3)
	meta.SetString("kwargs", hashable(value.FromDict(kwargs)))
	meta.SetString("name", value.String(testName))
	meta.SetString("namespace", value.String(ns))
	sum := md5Hex(name + value.Repr(value.FromDict(meta)))
	return sum[len(sum)-10:]
}

func hashable(v value.Value) value.Value {
	switch v.Kind() {
	case value.KindDict:
		d, _ := v.AsDict()
		keys := d.Keys()
		slices.SortFunc(keys, func(a, b value.Value) int { return strings.Compare(value.Str(a), value.Str(b)) })
		out := value.NewDict(d.Len())
		for _, k := range keys {
			item, _ := d.Get(k)
			if err := out.Set(k, hashable(item)); err != nil {
				continue // the key was in a dict, so it is hashable
			}
		}
		return value.FromDict(out)
	case value.KindList:
		items := make([]value.Value, len(v.Items()))
		for i, item := range v.Items() {
			items[i] = hashable(item)
		}
		return value.NewList(items...)
	}
	return value.String(value.Str(v))
}
