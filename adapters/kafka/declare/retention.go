package declare

import (
	"github.com/millrace/millrace/compiler/jinja/value"
	"github.com/millrace/millrace/compiler/manifest"
)

const retentionKey = "retention"

// retention reads how long landed rows are kept.
func (s *Source) retention(r *reader) {
	s.Retention = r.duration(retentionKey, 0)
	switch {
	case !r.has(retentionKey) || r.failed(retentionKey):
	case s.Retention <= 0:
		r.bad([]any{retentionKey}, "'"+retentionKey+"' must be more than nothing")
	case s.Stateful():
		r.bad([]any{retentionKey}, "current rows are made of the log, which must stay whole: '"+retentionKey+"' is for landing: append")
	}
}

// Retains reports that rows of a stream's table go when they are old.
func Retains(src *manifest.Source) bool {
	d := mapping(src)
	if d == nil {
		return false
	}
	kept, ok := d.GetString(retentionKey)
	return ok && value.Truth(kept)
}
