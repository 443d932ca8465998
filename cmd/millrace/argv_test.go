package main

import (
	"reflect"
	"testing"
)

func TestExpandLists(t *testing.T) {
	for _, c := range []struct{ in, want []string }{
		{[]string{"run", "--select", "a", "b+", "--exclude", "c"}, []string{"run", "--select=a", "--select=b+", "--exclude=c"}},
		{[]string{"ls", "-s", "tag:x", "--output", "json", "--output-keys", "name", "unique_id"}, []string{"ls", "--select=tag:x", "--output", "json", "--output-keys=name", "--output-keys=unique_id"}},
		{[]string{"ls", "--select=a b"}, []string{"ls", "--select=a", "--select=b"}},
		{[]string{"ls", "--output-keys", "name resource_type", "depends_on"}, []string{"ls", "--output-keys=name", "--output-keys=resource_type", "--output-keys=depends_on"}},
		{[]string{"ls", "--select", ""}, []string{"ls", "--select="}},
		{[]string{"run", "--select"}, []string{"run", "--select"}},
		{[]string{"init", "shop", "-s"}, []string{"init", "shop", "-s"}},
		{[]string{"stream", "run", "--watch", "a", "b", "--follow"}, []string{"stream", "run", "--watch=a", "--watch=b", "--follow"}},
		{[]string{"show", "--limit", "-1", "--", "--select", "x"}, []string{"show", "--limit", "-1", "--", "--select", "x"}},
	} {
		if got := expandLists(c.in); !reflect.DeepEqual(got, c.want) {
			t.Errorf("expandLists(%q) = %q, want %q", c.in, got, c.want)
		}
	}
}

func TestCommandFirst(t *testing.T) {
	for _, c := range []struct{ in, want []string }{
		{[]string{"--debug", "run", "-s", "a"}, []string{"run", "--debug", "-s", "a"}},
		{[]string{"--target", "prod", "--no-use-colors", "docs", "generate"}, []string{"docs", "generate", "--target", "prod", "--no-use-colors"}},
		{[]string{"--log-format=json", "ls"}, []string{"ls", "--log-format=json"}},
		{[]string{"--target", "prod", "stream", "run", "--follow"}, []string{"stream", "run", "--target", "prod", "--follow"}},
		{[]string{"-q", "stream", "quarantine", "inspect", "t/0/1"}, []string{"stream", "quarantine", "inspect", "-q", "t/0/1"}},
		{[]string{"--version"}, []string{"--version"}},
		{[]string{"run", "--debug"}, []string{"run", "--debug"}},
	} {
		if got := commandFirst(c.in); !reflect.DeepEqual(got, c.want) {
			t.Errorf("commandFirst(%q) = %q, want %q", c.in, got, c.want)
		}
	}
}
