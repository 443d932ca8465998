package plan_test

import (
	"context"
	"fmt"
	"os"
	"strings"
	"testing"
)

func TestZZ(t *testing.T) {
	text, _ := os.ReadFile("/tmp/docs9/q.sql")
	a := newTracing(t).analyzer
	for _, q := range strings.Split(string(text), ";\n") {
		if strings.TrimSpace(q) == "" {
			continue
		}
		_, err := a.Check(context.Background(), q)
		fmt.Println("==", q)
		if err != nil {
			fmt.Println(err)
			continue
		}
		fmt.Print(describeLineage(a, q))
	}
}
