package client

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/twmb/franz-go/pkg/sr"

	"github.com/millrace/millrace/adapters/kafka/declare"
	"github.com/millrace/millrace/adapters/kafka/decode"
	"github.com/millrace/millrace/adapters/kafka/schemas"
)

// Registry asks a schema registry and remembers its answers: a schema never changes under its id.
type Registry struct {
	client *sr.Client
	mu     sync.Mutex
	known  map[int]*decode.Schema
}

// NewRegistry makes a client of a registry.
func NewRegistry(r *declare.Registry, root string) (*Registry, error) {
	opts := []sr.ClientOpt{sr.URLs(r.URL), sr.UserAgent("millrace")}
	transport := http.DefaultTransport.(*http.Transport).Clone()
	if r.TLS.On {
		cfg, err := tlsConfig(r.TLS, root)
		if err != nil {
			return nil, fmt.Errorf("tls of the registry '%s': %w", r.Name, err)
		}
		transport.TLSClientConfig = cfg
	}
	opts = append(opts, sr.HTTPClient(&http.Client{Transport: transport, Timeout: 10 * time.Second}))
	if r.Username != "" {
		opts = append(opts, sr.BasicAuth(r.Username, r.Password))
	}
	if r.Token != "" {
		opts = append(opts, sr.BearerToken(r.Token))
	}
	c, err := sr.NewClient(opts...)
	if err != nil {
		return nil, fmt.Errorf("registry '%s': %w", r.Name, err)
	}
	return &Registry{client: c, known: map[int]*decode.Schema{}}, nil
}

// Schema implements decode.Registry.
func (r *Registry) Schema(ctx context.Context, id int) (*decode.Schema, error) {
	r.mu.Lock()
	known := r.known[id]
	r.mu.Unlock()
	if known != nil {
		return known, nil
	}
	s, err := r.client.SchemaByID(ctx, id)
	if err != nil {
		return nil, missing(fmt.Sprintf("schema %d", id), err)
	}
	out, err := r.whole(ctx, s)
	if err != nil {
		return nil, fmt.Errorf("schema %d: %w", id, err)
	}
	r.mu.Lock()
	r.known[id] = out
	r.mu.Unlock()
	return out, nil
}

// missing tells a schema that is not there from a registry that does not answer.
func missing(what string, err error) error {
	var answer *sr.ResponseError
	if errors.As(err, &answer) && answer.StatusCode == http.StatusNotFound {
		return decode.ErrUnknownSchema
	}
	return fmt.Errorf("%s: %w", what, err)
}

// whole gets everything that a schema refers to, each before what needs it.
func (r *Registry) whole(ctx context.Context, s sr.Schema) (*decode.Schema, error) {
	out := &decode.Schema{Kind: s.Type.String(), Text: s.Schema}
	seen := map[string]bool{}
	var follow func(refs []sr.SchemaReference, depth int) error
	follow = func(refs []sr.SchemaReference, depth int) error {
		if depth > maxReferences {
			return errors.New("its references do not end")
		}
		for _, ref := range refs {
			if seen[ref.Name] {
				continue
			}
			seen[ref.Name] = true
			other, err := r.client.SchemaByVersion(ctx, ref.Subject, ref.Version)
			if err != nil {
				return fmt.Errorf("its reference %s (%s version %d): %w", ref.Name, ref.Subject, ref.Version, err)
			}
			if err := follow(other.References, depth+1); err != nil {
				return err
			}
			out.References = append(out.References, decode.Reference{Name: ref.Name, Text: other.Schema.Schema})
		}
		return nil
	}
	return out, follow(s.References, 0)
}

// maxReferences bounds how deep schemas refer to each other.
const maxReferences = 32

// Usages implements schemas.Registry. A registry that does not keep them has none.
func (r *Registry) Usages(ctx context.Context, id int) ([]schemas.Usage, error) {
	list, err := r.client.SchemaUsagesByID(ctx, id)
	if err = ignoreUnknown(err); err != nil {
		return nil, fmt.Errorf("subjects of schema %d: %w", id, err)
	}
	out := make([]schemas.Usage, len(list))
	for i, s := range list {
		out[i] = schemas.Usage{Subject: s.Subject, Version: s.Version}
	}
	return out, nil
}

// ignoreUnknown takes it for nothing when a registry does not have what was asked for, also
// when it does not know the question or does not answer it to us.
func ignoreUnknown(err error) error {
	var answer *sr.ResponseError
	if !errors.As(err, &answer) {
		return err
	}
	switch answer.StatusCode {
	case http.StatusNotFound, http.StatusForbidden, http.StatusMethodNotAllowed, http.StatusNotImplemented:
		return nil
	}
	return err
}

// Versions implements schemas.Registry.
func (r *Registry) Versions(ctx context.Context, subject string) ([]int, error) {
	out, err := r.client.SubjectVersions(ctx, subject)
	if err = ignoreUnknown(err); err != nil {
		return nil, fmt.Errorf("versions of %s: %w", subject, err)
	}
	slices.Sort(out)
	return out, nil
}

// Version implements schemas.Registry. Version -1 is the latest one.
func (r *Registry) Version(ctx context.Context, subject string, version int) (*decode.Schema, error) {
	s, err := r.client.SchemaByVersion(ctx, subject, version)
	if err != nil {
		return nil, missing(fmt.Sprintf("%s version %d", subject, version), err)
	}
	return r.whole(ctx, s.Schema)
}

// Register makes sure that a subject has an Avro schema and gives its id. A registry that
// finds it incompatible with what is there refuses it.
func (r *Registry) Register(ctx context.Context, subject, schema string) (id int, err error) {
	s, err := r.client.CreateSchema(ctx, subject, sr.Schema{Schema: schema, Type: sr.TypeAvro})
	if err != nil {
		return 0, fmt.Errorf("the schema of %s: %w", subject, err)
	}
	return s.ID, nil
}

// Framed appends the header with which records name their schema.
func Framed(dst []byte, id int) []byte {
	var header sr.ConfluentHeader
	dst, _ = header.AppendEncode(dst, id, nil) // it fails for nothing
	return dst
}

// Ping asks the registry for anything, to see that it answers us.
func (r *Registry) Ping(ctx context.Context) error {
	_, err := r.client.Subjects(ctx)
	return err
}
