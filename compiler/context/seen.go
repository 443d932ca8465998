package context

// What a parse may depend on besides files, variables and the environment.
const (
	SeenFlags  uint32 = 1 << iota // flags or invocation_args_dict
	SeenMoment                    // the time, or the name of the invocation
)

// Seen says which of them templates have looked at without running. A parse that has seen
// the flags is good for the same flags only, one that has seen the moment for none.
func (e *Env) Seen() uint32 { return e.seen.Load() }

func (e *Env) saw(name string) {
	switch name {
	case "flags":
		e.seen.Or(SeenFlags)
	case "run_started_at", "invocation_id":
		e.seen.Or(SeenMoment)
	}
}
