// Package client makes Kafka clients and registry clients of what streams.yml says.
package client

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/sasl/plain"
	"github.com/twmb/franz-go/pkg/sasl/scram"

	"github.com/millrace/millrace/adapters/kafka/declare"
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
