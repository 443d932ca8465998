package context

import "testing"

func TestLooksLikeCall(t *testing.T) {
	for text, want := range map[string]bool{
		"ref('a')": true, " source('a', 'b') ": true, "var ( 'x' )": true, "env_var('A')": true, "doc('x')": true, "ref('a') + ref('b')": true,
		"ref()": false, "{{ ref('a') }}": false, "xref('a')": false, "ref": false, "a ref('b')": false, "ref('a') as b": false, "ref(\n'a')": false,
	} {
		if got := looksLikeCall(text); got != want {
			t.Errorf("%q: %t, want %t", text, got, want)
		}
	}
}
