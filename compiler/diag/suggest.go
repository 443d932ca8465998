package diag

import (
	"strings"
	"unicode/utf8"
)

// Suggest returns the candidate that name was most likely meant to be, or "" when none is
// close. Closeness is the edit distance (insert, delete, replace, swap of neighbours)
// without regard to case; ties go to the first in the order given, so that the result
// depends on nothing else.
func Suggest(name string, candidates []string) string {
	n := utf8.RuneCountInString(name)
	if n == 0 || n > maxSuggestLength {
		return ""
	}
	limit := max(1, n/3)
	want := []rune(strings.ToLower(name))
	best, bestAt := "", limit+1
	var rows [3][]int
	for _, c := range candidates {
		if c == name || c == "" {
			continue
		}
		if d := len(c) - len(name); d > 4*limit || -d > 4*limit {
			continue // bytes per rune are at most four
		}
		if d := distance(want, []rune(strings.ToLower(c)), bestAt, &rows); d < bestAt {
			best, bestAt = c, d
		}
	}
	return best
}

// DidYouMean is the hint that names what Suggest finds, "" when nothing is close.
func DidYouMean(name string, candidates []string) string {
	if near := Suggest(name, candidates); near != "" {
		return "did you mean '" + near + "'?"
	}
	return ""
}

const maxSuggestLength = 120

// distance is the optimal string alignment distance of a and b, or at least limit when it
// is not smaller.
func distance(a, b []rune, limit int, rows *[3][]int) int {
	if d := len(a) - len(b); d >= limit || -d >= limit {
		return limit
	}
	for i := range rows {
		if cap(rows[i]) < len(b)+1 {
			rows[i] = make([]int, len(b)+1)
		}
		rows[i] = rows[i][:len(b)+1]
	}
	before, prev, cur := rows[0], rows[1], rows[2]
	for j := range prev {
		prev[j] = j
	}
	for i := 1; i <= len(a); i++ {
		cur[0] = i
		least := i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			cur[j] = min(prev[j]+1, cur[j-1]+1, prev[j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				cur[j] = min(cur[j], before[j-2]+1)
			}
			least = min(least, cur[j])
		}
		if least >= limit {
			return limit
		}
		before, prev, cur = prev, cur, before
	}
	return prev[len(b)]
}
