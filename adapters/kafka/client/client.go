// Package client makes Kafka clients and registry clients of what streams.yml says.
package client

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/sasl/plain"
	"github.com/twmb/franz-go/pkg/sasl/scram"
	"github.com/twmb/franz-go/pkg/sr"

	"github.com/millrace/millrace/adapters/kafka/declare"
	"github.com/millrace/millrace/adapters/kafka/decode"
)

// Options are the client options of a connection. Files of certificates stand below root
// unless their path is absolute.
func Options(c *declare.Connection, root string) ([]kgo.Opt, error) {
	id := c.ClientID
	if id == "" {
		id = "millrace"
	}
	opts := []kgo.Opt{kgo.SeedBrokers(c.Brokers...), kgo.ClientID(id), kgo.DialTimeout(10 * time.Second)}
	if c.TLS.On {
		cfg, err := tlsConfig(c.TLS, root)
		if err != nil {
			return nil, fmt.Errorf("tls of the connection '%s': %w", c.Name, err)
		}
		opts = append(opts, kgo.DialTLSConfig(cfg))
	}
	switch c.SASL.Mechanism {
	case "PLAIN":
		opts = append(opts, kgo.SASL(plain.Auth{User: c.SASL.Username, Pass: c.SASL.Password}.AsMechanism()))
	case "SCRAM-SHA-256":
		opts = append(opts, kgo.SASL(scram.Auth{User: c.SASL.Username, Pass: c.SASL.Password}.AsSha256Mechanism()))
	case "SCRAM-SHA-512":
		opts = append(opts, kgo.SASL(scram.Auth{User: c.SASL.Username, Pass: c.SASL.Password}.AsSha512Mechanism()))
	case "OAUTHBEARER":
		opts = append(opts, kgo.SASL(bearer(c.SASL.OAuth, root)))
	}
	return opts, nil
}

func tlsConfig(t declare.TLS, root string) (*tls.Config, error) {
	cfg := &tls.Config{MinVersion: tls.VersionTLS12, ServerName: t.ServerName, InsecureSkipVerify: t.SkipVerify}
	under := func(path string) string {
		if filepath.IsAbs(path) {
			return path
		}
		return filepath.Join(root, path)
	}
	if t.CAFile != "" {
		pem, err := os.ReadFile(under(t.CAFile))
		if err != nil {
			return nil, err
		}
		cfg.RootCAs = x509.NewCertPool()
		if !cfg.RootCAs.AppendCertsFromPEM(pem) {
			return nil, errors.New(t.CAFile + " holds no certificate")
		}
	}
	if t.CertFile != "" {
		cert, err := tls.LoadX509KeyPair(under(t.CertFile), under(t.KeyFile))
		if err != nil {
			return nil, err
		}
		cfg.Certificates = []tls.Certificate{cert}
	}
	return cfg, nil
}

// Registry asks a schema registry and remembers its answers: a schema never changes under its id.
type Registry struct {
	client *sr.Client
	mu     sync.Mutex
	known  map[int]string
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
	return &Registry{client: c, known: map[int]string{}}, nil
}

// Schema implements decode.Registry.
func (r *Registry) Schema(ctx context.Context, id int) (string, error) {
	r.mu.Lock()
	text, ok := r.known[id]
	r.mu.Unlock()
	if ok {
		return text, nil
	}
	s, err := r.client.SchemaByID(ctx, id)
	var answer *sr.ResponseError
	switch {
	case errors.As(err, &answer) && answer.StatusCode == http.StatusNotFound:
		return "", decode.ErrUnknownSchema
	case err != nil:
		return "", fmt.Errorf("schema %d: %w", id, err)
	}
	if len(s.References) > 0 {
		return "", fmt.Errorf("schema %d refers to other schemas, which is not there yet", id)
	}
	r.mu.Lock()
	r.known[id] = s.Schema
	r.mu.Unlock()
	return s.Schema, nil
}

// Ping asks the registry for anything, to see that it answers us.
func (r *Registry) Ping(ctx context.Context) error {
	_, err := r.client.Subjects(ctx)
	return err
}
