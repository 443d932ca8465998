package run

import (
	"strings"
	"time"

	"github.com/millrace/millrace/compiler/manifest"
)

// Retry is what an earlier run left to do.
type Retry struct {
	IDs     []string
	Batches map[string]*BatchResults
	// Overloads are the overloads that functions have already.
	Overloads map[string][]string
	// Since is when the earlier run started, for the batches of microbatch models.
	Since time.Time
}

// RetryOf picks what failed or was skipped. Operations are retried only when command is
// run-operation; warnings count as failures with warnError.
func RetryOf(results *manifest.RunResults, command string, warnError bool) Retry {
	r := Retry{Batches: map[string]*BatchResults{}, Overloads: map[string][]string{}}
	for _, x := range results.Results {
		if command != "run-operation" && strings.HasPrefix(x.UniqueID, "operation.") {
			continue
		}
		switch Status(x.Status) {
		case Error, Fail, Skipped, RuntimeError, PartialSuccess:
		case Warn:
			if !warnError {
				continue
			}
		default:
			continue
		}
		r.IDs = append(r.IDs, x.UniqueID)
		// Without any finished batch the model starts over, which may have to be a full refresh.
		if b, ok := ParseBatches(x.BatchResults); ok && len(b.Successful) > 0 && len(b.Failed) > 0 {
			r.Batches[x.UniqueID] = b
		}
		if names := createdOverloads(x.OverloadResults); names != nil {
			r.Overloads[x.UniqueID] = names
		}
	}
	r.Since = results.Metadata.InvocationStartedAt
	if r.Since.IsZero() {
		r.Since = results.Metadata.GeneratedAt
	}
	return r
}
