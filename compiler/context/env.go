// Package context is what templates can see: ref, source, config, var, adapter, modules,
// graph and everything else that dbt puts into the scope of a template. One Env serves a
// whole invocation; each template gets a scope that is little more than a few pointers,
// because everything else is shared and never changes.
package context

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"github.com/millrace/millrace/compiler/event"
	"github.com/millrace/millrace/compiler/flags"
	"github.com/millrace/millrace/compiler/jinja/value"
	"github.com/millrace/millrace/compiler/macros"
	"github.com/millrace/millrace/compiler/project"
	"github.com/millrace/millrace/compiler/relation"
)

// Options is everything an Env is made of. Nothing is read from the process.
type Options struct {
	Project      *project.Project
	Flags        *flags.Flags // nil: the project's
	Macros       *macros.Set
	Dialect      *relation.Dialect
	Target       value.Value      // undefined: the profile's
	Events       event.Sink       // nil: discarded
	Now          time.Time        // run_started_at
	Clock        func() time.Time // modules.datetime.datetime.now(); nil: always Now
	InvocationID string
	MetadataEnvs *value.Dict // dbt_metadata_envs: DBT_ENV_CUSTOM_ENV_* without the prefix
	Args         *value.Dict // invocation_args_dict; nil: made from the flags
}

// Env is what all templates of an invocation share.
type Env struct {
	Project      *project.Project
	Flags        *flags.Flags
	Macros       *macros.Set
	Dialect      *relation.Dialect
	Target       value.Value
	Events       event.Sink
	Now          time.Time
	Clock        func() time.Time
	InvocationID string
	Selected     []string // selected_resources; set once the selection is known

	shared        map[string]value.Value // names that are the same in every template
	database      string
	schema        string
	quoting       relation.Policy // the engine's defaults as the project changes them
	api           value.Value
	relationClass value.Value
	adapters      []string // dispatch prefixes: the engine and its parents
	stubs         map[string]value.Value
	metadata      value.Value
	args          value.Value

	seen      atomic.Uint32 // what templates looked at while parsing, see Seen
	itertools sync.Once     // its deprecation has been told
	templates sync.Map      // text → *jinja.Template, for texts rendered again and again
}

// New makes the Env.
func New(o Options) *Env {
	e := &Env{
		Project: o.Project, Flags: o.Flags, Macros: o.Macros, Dialect: o.Dialect, Target: o.Target,
		Events: o.Events, Now: o.Now, Clock: o.Clock, InvocationID: o.InvocationID,
	}
	clock := e.Clock
	e.Clock = func() time.Time {
		e.seen.Or(SeenMoment)
		if clock == nil {
			return e.Now
		}
		return clock()
	}
	if e.Flags == nil {
		e.Flags = o.Project.Flags
	}
	if e.Events == nil {
		e.Events = event.Discard
	}
	if p := o.Project.Profile; p != nil {
		e.database, e.schema = p.Database, p.Schema
		if e.Target.IsUndefined() {
			e.Target = p.Target()
		}
	}
	e.quoting = projectQuoting(e.Dialect.Quoting, o.Project.Quoting)
	e.adapters = append([]string{e.Dialect.Name}, e.Dialect.Parents...)
	e.metadata = value.FromDict(o.MetadataEnvs)
	if o.MetadataEnvs == nil {
		e.metadata = value.FromDict(value.NewDict(0))
	}
	e.args = value.None
	if o.Args != nil {
		e.args = value.FromDict(o.Args)
	} else {
		e.args = value.FromDict(invocationArgs(e.Flags))
	}
	e.api = e.apiObject()
	e.shared = e.sharedMembers()
	e.stubs = e.stubMethods()
	return e
}

// Quoting is the engine's default quote policy as the root project changes it.
func (e *Env) Quoting() relation.Policy { return e.quoting }

func projectQuoting(p relation.Policy, q project.Quoting) relation.Policy {
	set := func(dst *bool, v *bool) {
		if v != nil {
			*dst = *v
		}
	}
	set(&p.Database, q.Database)
	set(&p.Schema, q.Schema)
	set(&p.Identifier, q.Identifier)
	return p
}

// Thread starts a render of templates in scope: it ties what the scope records (macro
// calls, printed tables) to the render. Templates that are parsed rather than run see
// undefined values leniently.
func (e *Env) Thread(ctx context.Context, scope value.Scope) *value.Thread {
	if s, ok := scope.(*Scope); ok {
		th := s.thread(nil)
		th.Context = ctx
		return th
	}
	return &value.Thread{Context: ctx, Globals: scope, Translate: missingMacro}
}

// thread starts a render in the scope, inside another one when outer is given.
func (s *Scope) thread(outer *value.Thread) *value.Thread {
	th := &value.Thread{Globals: s, Host: s, Translate: missingMacro}
	if s.lenient {
		th.Undefined = value.UndefinedLenient
	}
	if outer != nil {
		th.Context, th.Limits, th.Frames = outer.Context, outer.Limits, outer.Frames
	}
	return th
}
