package parse

// nearest is the candidate that key is most likely a misspelling of, "" when none is
// close. Of equally close ones the first wins.
func nearest(key string, candidates []string) string {
	limit := 1 + len(key)/4
	if limit > 3 {
		limit = 3
	}
	best, found := limit+1, ""
	for _, c := range candidates {
		if c == key || c == "" {
			continue
		}
		if d := distance(key, c, best); d < best {
			best, found = d, c
		}
	}
	return found
}

// distance is the number of insertions, deletions, replacements and swaps of neighbours
// that make a into b; it gives up at stop.
func distance(a, b string, stop int) int {
	if len(a)-len(b) >= stop || len(b)-len(a) >= stop {
		return stop
	}
	prev2 := make([]int, len(b)+1)
	prev := make([]int, len(b)+1)
	cur := make([]int, len(b)+1)
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
				cur[j] = min(cur[j], prev2[j-2]+1)
			}
			least = min(least, cur[j])
		}
		if least >= stop {
			return stop
		}
		prev2, prev, cur = prev, cur, prev2
	}
	return prev[len(b)]
}
