package ledger

import (
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"
)

// holds evaluates a condition that Slice or UpTo made.
func holds(t *testing.T, condition string, b int64) bool {
	t.Helper()
	if condition == "false" {
		return false
	}
	if inner, ok := strings.CutPrefix(condition, "("); ok {
		for _, part := range strings.Split(strings.TrimSuffix(inner, ")"), " or ") {
			if holds(t, part, b) {
				return true
			}
		}
		return false
	}
	for _, term := range strings.Split(condition, " and ") {
		op, rest, _ := strings.Cut(strings.TrimPrefix(term, "b "), " ")
		n, err := strconv.ParseInt(rest, 10, 64)
		ok := false
		switch {
		case op == ">" && err == nil:
			ok = b > n
		case op == "<=" && err == nil:
			ok = b <= n
		case op == "in" || op == "not":
			list := rest[strings.IndexByte(rest, '(')+1 : strings.IndexByte(rest, ')')]
			ok = op == "not"
			for _, item := range strings.Split(list, ", ") {
				if item == strconv.FormatInt(b, 10) {
					ok = op == "in"
				}
			}
		default:
			t.Fatalf("the test does not understand %q in %q", term, condition)
		}
		if !ok {
			return false
		}
	}
	return true
}

// TestSlicesTakeEveryBatchOnce lets batches commit in random order, takes slices at random
// moments, and sees every batch in exactly one of them.
func TestSlicesTakeEveryBatchOnce(t *testing.T) {
	for seed := range uint64(300) {
		r := rand.New(rand.NewPCG(seed, 11))
		const count = 40
		order := r.Perm(count)
		for i := range order { // numbers are given out in order, so that none commits far from its turn
			j := min(count-1, i+r.IntN(4))
			order[i], order[j] = order[j], order[i]
		}
		if seed%2 == 0 {
			for i := range order {
				order[i] = i
			}
		}
		committed := map[int64]bool{}
		taken := map[int64]int{}
		from := Frontier{}
		take := func() {
			to := frontierOf(from, committed)
			for b := int64(1); b <= count; b++ {
				if !committed[b] {
					continue
				}
				if holds(t, Slice("b", from, to), b) {
					taken[b]++
				}
				if !holds(t, to.UpTo("b"), b) {
					t.Fatalf("seed %d: batch %d is committed but beyond %s", seed, b, to.UpTo("b"))
				}
			}
			if Empty(from, to) != (Slice("b", from, to) == "false") {
				t.Fatalf("seed %d: Empty and Slice disagree", seed)
			}
			from = to
		}
		for _, n := range order {
			committed[int64(n)+1] = true
			if r.IntN(3) == 0 {
				take()
			}
		}
		take()
		for b := int64(1); b <= count; b++ {
			if taken[b] != 1 {
				t.Fatalf("seed %d: batch %d was taken %d times", seed, b, taken[b])
			}
		}
		if len(from.Missing) != 0 {
			t.Fatalf("seed %d: %v are still missing", seed, from.Missing)
		}
	}
}

func frontierOf(from Frontier, committed map[int64]bool) Frontier {
	var list []int64
	for n := range committed {
		list = append(list, n)
	}
	return from.advance(list)
}
