package manifest

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/millrace/millrace/compiler/jinja/value"
)

// State is what an earlier invocation left behind: for state:, result:, source_status:,
// --defer and retry. Parts whose file was not there are nil.
type State struct {
	Dir      string
	Manifest *Manifest
	// Compiled is the compiled code of the earlier manifest, by unique_id.
	Compiled map[string]string
	Results  *RunResults
	Sources  *SourcesArtifact
	// Args are the flags of the earlier run, nil without run results.
	Args *value.Dict
}

// ReadState reads the artifacts in a folder. A file that is missing leaves its part nil; a
// file that cannot be read is an error.
func ReadState(dir string) (*State, error) {
	s := &State{Dir: dir}
	for _, file := range []struct {
		name string
		read func(*value.Dict) error
	}{
		{"manifest.json", s.readManifest},
		{"run_results.json", s.readResults},
		{"sources.json", s.readSources},
	} {
		path := filepath.Join(dir, file.name)
		text, err := os.ReadFile(path)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return nil, err
		}
		v, err := value.ParseJSON(string(text))
		if err != nil {
			return nil, fmt.Errorf("could not read %s as JSON: %w", path, err)
		}
		d, ok := v.AsDict()
		if !ok {
			return nil, fmt.Errorf("could not read %s: it is not a JSON object", path)
		}
		if err := file.read(d); err != nil {
			return nil, fmt.Errorf("could not read %s: %w", path, err)
		}
	}
	return s, nil
}

func (s *State) readManifest(d *value.Dict) error {
	m, compiled, err := fromArtifact(record{d})
	s.Manifest, s.Compiled = m, compiled
	return err
}

func (s *State) readResults(d *value.Dict) error {
	r := record{d}
	meta := r.sub("metadata")
	out := &RunResults{ElapsedTime: r.float("elapsed_time"), Args: r.dict("args"),
		Metadata: Metadata{GeneratedAt: meta.time("generated_at"), InvocationStartedAt: meta.time("invocation_started_at")}}
	for _, item := range r.records("results") {
		result := &RunResult{
			UniqueID:        item.str("unique_id"),
			Status:          item.str("status"),
			ThreadID:        item.str("thread_id"),
			ExecutionTime:   item.float("execution_time"),
			AdapterResponse: item.dict("adapter_response"),
			Message:         item.str("message"),
			CompiledCode:    item.str("compiled_code"),
			RelationName:    item.str("relation_name"),
			BatchResults:    item.get("batch_results"),
			OverloadResults: item.get("overload_results"),
		}
		if n, ok := item.get("failures").AsInt(); ok {
			result.Failures = &n
		}
		if b, ok := item.get("compiled").AsBool(); ok {
			result.Compiled = &b
		}
		out.Results = append(out.Results, result)
	}
	s.Results, s.Args = out, out.Args
	return nil
}

func (s *State) readSources(d *value.Dict) error {
	r := record{d}
	out := &SourcesArtifact{ElapsedTime: r.float("elapsed_time")}
	for _, item := range r.records("results") {
		out.Results = append(out.Results, &FreshnessResult{
			UniqueID:    item.str("unique_id"),
			Status:      item.str("status"),
			Error:       item.str("error"),
			MaxLoadedAt: item.time("max_loaded_at"),
			Age:         item.float("max_loaded_at_time_ago_in_s"),
			Criteria:    item.dict("criteria"),
		})
	}
	s.Sources = out
	return nil
}
