package declare

import (
	"math"
	"strconv"
	"strings"

	"github.com/millrace/millrace/compiler/jinja/value"
)

// DefaultBuffer is the buffer of a process whose streams.yml says nothing, and leastBuffer
// the smallest that lets a stream move.
const (
	DefaultBuffer = 512 << 20
	leastBuffer   = 1 << 20
)

// buffer is how many bytes a process may have read and not committed.
func (r *reader) buffer() int64 {
	v, ok := r.dict.GetString("buffer")
	if !ok || v.IsNull() {
		return 0
	}
	n, ok := parseBytes(value.Str(v))
	if !ok || n < leastBuffer {
		r.bad([]any{"buffer"}, "buffer must be a number of bytes such as 256MiB, at least 1MiB")
		return 0
	}
	return n
}

// units are the units of sizes; the longer names come first.
var units = []struct {
	name  string
	bytes float64
}{
	{"kib", 1 << 10}, {"mib", 1 << 20}, {"gib", 1 << 30}, {"kb", 1e3}, {"mb", 1e6}, {"gb", 1e9}, {"b", 1},
}

// parseBytes reads sizes such as 256MiB, 1.5 GB and 1048576.
func parseBytes(s string) (int64, bool) {
	s = strings.ToLower(strings.TrimSpace(s))
	unit := 1.0
	for _, u := range units {
		if rest, ok := strings.CutSuffix(s, u.name); ok {
			s, unit = strings.TrimSpace(rest), u.bytes
			break
		}
	}
	f, err := strconv.ParseFloat(s, 64)
	if f *= unit; err != nil || !(f >= 0 && f < math.MaxInt64) {
		return 0, false
	}
	return int64(f), true
}
