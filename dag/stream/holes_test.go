package stream

import (
	"encoding/binary"
	"testing"
)

// batchAt is the head of a record batch, with n records counted and nothing in it.
func batchAt(first int64, lastDelta int32, n uint32) []byte {
	b := make([]byte, batchHead)
	binary.BigEndian.PutUint64(b, uint64(first))
	binary.BigEndian.PutUint32(b[batchLength:], batchHead-12)
	binary.BigEndian.PutUint32(b[batchLastDelta:], uint32(lastDelta))
	binary.BigEndian.PutUint32(b[batchRecords:], n)
	return b
}

func join(parts ...[]byte) []byte {
	var out []byte
	for _, p := range parts {
		out = append(out, p...)
	}
	return out
}

func TestEmptyUntil(t *testing.T) {
	for name, c := range map[string]struct {
		data        []byte
		from, limit int64
		want        int64
	}{
		"nothing there":        {nil, 10, 20, 20},
		"records":              {batchAt(10, 4, 5), 10, 20, 10},
		"emptied":              {batchAt(10, 9, 0), 10, 20, 20},
		"emptied, then some":   {join(batchAt(10, 4, 0), batchAt(15, 4, 3)), 10, 20, 15},
		"before the position":  {join(batchAt(5, 4, 5), batchAt(10, 1, 0)), 10, 20, 12},
		"beyond the limit":     {batchAt(10, 99, 0), 10, 20, 20},
		"cut in the middle":    {batchAt(10, 9, 0)[:40], 10, 20, 10},
		"a hole, then records": {batchAt(15, 4, 2), 10, 20, 10},
	} {
		if got := emptyUntil(c.data, c.from, c.limit); got != c.want {
			t.Errorf("%s: %d, want %d", name, got, c.want)
		}
	}
}
