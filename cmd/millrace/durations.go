package main

import (
	"encoding/json"
	"io"
	"math"
	"os"
	"path/filepath"

	"github.com/millrace/millrace/dag/run"
)

// durationsFile, under the target folder, has the seconds that each node took when it last
// succeeded, by unique_id. The scheduler begins with the longest path by it.
const durationsFile = "durations.json"

// shortest is the time from which on a duration counts: below, it says more about the
// machine's mood than about the node, and the order of nodes should not change from run to run.
const shortest = 2

// lastDurations are those that an earlier run kept. A file that is not there or cannot be read
// only means that nothing is known.
func (inv *invocation) lastDurations() map[string]float64 {
	text, err := os.ReadFile(filepath.Join(inv.targetDir(), durationsFile))
	if err != nil {
		return nil
	}
	var known map[string]float64
	if json.Unmarshal(text, &known) != nil {
		return nil
	}
	return known
}

// weights are the durations that matter, in steps of doubling for the same reason as shortest.
func weights(known map[string]float64) map[string]float64 {
	out := map[string]float64{}
	for id, seconds := range known {
		if seconds >= shortest {
			out[id] = math.Exp2(math.Round(math.Log2(seconds)))
		}
	}
	return out
}

// keepDurations adds the times of a run to the known ones. Nodes that are gone or were
// not built this time keep theirs until the target folder is cleaned.
func (inv *invocation) keepDurations(known map[string]float64, r *run.Results) error {
	switch r.Mode {
	case run.ModeRun, run.ModeBuild, run.ModeTest, run.ModeSeed, run.ModeSnapshot:
	default:
		return nil
	}
	if known == nil {
		known = map[string]float64{}
	}
	changed := false
	for _, x := range r.Results {
		switch x.Status {
		case run.Success, run.Pass, run.Warn, run.Fail:
			known[x.UniqueID] = math.Round(x.ExecutionTime.Seconds()*1000) / 1000
			changed = true
		}
	}
	if !changed {
		return nil
	}
	return inv.writeArtifact(durationsFile, func(w io.Writer) error { return json.NewEncoder(w).Encode(known) })
}
