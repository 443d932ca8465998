package scan

import (
	"encoding/binary"
	"encoding/json"
	"reflect"
	"strings"
	"testing"
)

func TestKeysAreTakenAndTheRestIsSkipped(t *testing.T) {
	c := New([]byte(` {"a": {"x": [1, {"y": "]}"}]}, "b": "w\u00e4\ud83d\ude00\n", "c": [ "p", 1, null, "q" ], "d": -1.5e2, "e": true, "f": null, "g": NaN} `))
	got := map[string]any{}
	c.Object(func(key string) {
		switch key {
		case "b", "f":
			got[key] = c.String()
		case "c":
			got[key] = c.Strings()
		case "d", "g":
			f, ok := c.Float()
			got[key] = []any{f, ok}
		case "e":
			got[key] = c.Bool()
		}
	})
	if err := c.End(); err != nil {
		t.Fatal(err)
	}
	want := map[string]any{"b": "wä😀\n", "f": "", "c": []string{"p", "q"}, "d": []any{-150.0, true}, "g": []any{0.0, false}, "e": true}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestBrokenTextIsAnError(t *testing.T) {
	for _, text := range []string{``, `{`, `{"a"`, `{"a":`, `{"a":1`, `{"a":1,}`, `{"a" 1}`, `[1`, `"a`, `"\u12`, `tru`, `{"a": "x` + "\n" + `"}`, `{} {}`, `{"a":[}`,
		strings.Repeat("[", 10000), strings.Repeat(`{"a":`, 10000)} {
		c := New([]byte(text))
		c.Object(func(string) { c.Skip() })
		if c.End() == nil {
			t.Errorf("%.20q was accepted", text)
		}
	}
}

// FuzzRead holds the reader to encoding/json: whatever that accepts is read with the same
// keys and strings, and nothing panics.
func FuzzRead(f *testing.F) {
	for _, s := range []string{`{"a":"b"}`, `{"a":[1,2,{"b":null}],"c":"\ud83d\ude00"}`, `{"\u0061":"\ud800"}`, `{"a":1e9,"b":true}`} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		c := New([]byte(text))
		got := map[string]string{}
		c.Object(func(key string) {
			if c.peek() == '"' {
				got[key] = c.String()
			} else {
				delete(got, key)
				c.Skip()
			}
		})
		err := c.End()
		var ref map[string]any
		if json.Unmarshal([]byte(text), &ref) != nil || ref == nil || !validUTF8(text) {
			return
		}
		if err != nil {
			t.Fatalf("%q: %v", text, err)
		}
		for k, v := range ref {
			if s, ok := v.(string); ok && got[k] != s {
				t.Errorf("%q: %q is %q, want %q", text, k, got[k], s)
			}
		}
	})
}

func validUTF8(s string) bool { return strings.ToValidUTF8(s, "") == s }

// TestPlain: eight bytes that are called plain hold nothing that ends or escapes a string, and
// ordinary text is called so.
func TestPlain(t *testing.T) {
	for b := range 256 {
		for at := range 8 {
			word := [8]byte{'a', 'Z', '0', ' ', '~', 0x7f, 0xc3, 0xa9}
			word[at] = byte(b)
			special := b == '"' || b == '\\' || b < ' '
			if plain(binary.LittleEndian.Uint64(word[:])) == special {
				t.Errorf("byte %#x at %d", b, at)
			}
		}
	}
}
