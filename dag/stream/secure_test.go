package stream

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/binary"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/hamba/avro/v2"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
	"github.com/twmb/franz-go/pkg/sasl/scram"

	"github.com/millrace/millrace/adapters/kafka/declare"
	"github.com/millrace/millrace/compiler/diag"
)

// certificate makes a self-signed certificate for 127.0.0.1.
func certificate(t *testing.T) (tls.Certificate, []byte) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	tmpl := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "test"}, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageDigitalSignature}
	der, err := x509.CreateCertificate(rand.Reader, tmpl, tmpl, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
}

func TestTLSAndSASL(t *testing.T) {
	cert, ca := certificate(t)
	root := t.TempDir()
	if err := os.WriteFile(filepath.Join(root, "ca.pem"), ca, 0o600); err != nil {
		t.Fatal(err)
	}
	c := cluster(t, 1, kfake.TLS(&tls.Config{Certificates: []tls.Certificate{cert}}), kfake.EnableSASL(), kfake.Superuser("SCRAM-SHA-512", "millrace", "geheim"), kfake.Superuser("PLAIN", "plain", "offen"))
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(ca)
	cl := producer(t, c, kgo.DialTLSConfig(&tls.Config{RootCAs: pool}), kgo.SASL(scram.Auth{User: "millrace", Pass: "geheim"}.AsSha512Mechanism()))
	if err := cl.ProduceSync(context.Background(), &kgo.Record{Value: []byte(`{"id":1}`)}).FirstErr(); err != nil {
		t.Fatal(err)
	}
	for name, c2 := range map[string]struct {
		conn declare.Connection
		ok   bool
	}{
		"scram": {declare.Connection{TLS: declare.TLS{On: true, CAFile: "ca.pem"}, SASL: declare.SASL{Mechanism: "SCRAM-SHA-512", Username: "millrace", Password: "geheim"}}, true},
		"plain": {declare.Connection{TLS: declare.TLS{On: true, CAFile: "ca.pem"}, SASL: declare.SASL{Mechanism: "PLAIN", Username: "plain", Password: "offen"}}, true},
		"wrong": {declare.Connection{TLS: declare.TLS{On: true, CAFile: "ca.pem"}, SASL: declare.SASL{Mechanism: "PLAIN", Username: "plain", Password: "falsch"}}, false},
		"no CA": {declare.Connection{TLS: declare.TLS{On: true}, SASL: declare.SASL{Mechanism: "PLAIN", Username: "plain", Password: "offen"}}, false},
	} {
		t.Run(name, func(t *testing.T) {
			tg := duckTarget(filepath.Join(t.TempDir(), "w.duckdb"))
			tg.open(t)
			defer tg.close()
			s := tg.streams(sourceOf(t, "duckdb", orders), nil)
			s.root = root
			conn := c2.conn
			conn.Name, conn.Brokers = "main", c.ListenAddrs()
			s.connections.Kafka["main"] = &conn
			ctx, cancel := context.WithTimeout(context.Background(), 3*time.Second)
			defer cancel()
			report, err := s.CatchUp(ctx)
			if c2.ok && (err != nil || report.Sources[0].Rows != 1) {
				t.Errorf("%v %+v", err, report)
			}
			if !c2.ok && (codeOf(err) != diag.CodeBroker || strings.Contains(err.Error(), "falsch")) {
				t.Errorf("%v", err)
			}
		})
	}
}

// TestRegistry decodes Avro of two versions, with a registry that is down at first and a
// schema that nobody registered.
func TestRegistry(t *testing.T) {
	schemas := map[int]string{
		1: `{"type":"record","name":"Order","fields":[{"name":"id","type":"long"},{"name":"customer","type":"string"}]}`,
		2: `{"type":"record","name":"Order","fields":[{"name":"customer","type":["null","string"]},{"name":"note","type":"string"},{"name":"id","type":"int"}]}`,
	}
	var asked, down atomic.Int32
	down.Store(2)
	registry := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		user, pass, _ := r.BasicAuth()
		if user != "u" || pass != "p" {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		asked.Add(1)
		if down.Add(-1) >= 0 {
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		var id int
		_, _ = fmt.Sscanf(r.URL.Path, "/schemas/ids/%d", &id)
		w.Header().Set("Content-Type", "application/json")
		if schemas[id] == "" {
			w.WriteHeader(http.StatusNotFound)
			_, _ = w.Write([]byte(`{"error_code":40403,"message":"Schema not found"}`))
			return
		}
		if strings.HasSuffix(r.URL.Path, "/versions") {
			_, _ = fmt.Fprintf(w, `[{"subject":"orders-value","version":%d}]`, id)
			return
		}
		_, _ = fmt.Fprintf(w, `{"schema":%q}`, schemas[id])
	}))
	defer registry.Close()
	c := cluster(t, 1)
	cl := producer(t, c)
	send := func(id int, v map[string]any) {
		var payload []byte
		if schemas[id] != "" {
			schema, err := avro.ParseWithCache(schemas[id], "", &avro.SchemaCache{})
			if err != nil {
				t.Fatal(err)
			}
			if payload, err = avro.Marshal(schema, v); err != nil {
				t.Fatal(err)
			}
		}
		value := append(binary.BigEndian.AppendUint32([]byte{0}, uint32(id)), payload...)
		if err := cl.ProduceSync(context.Background(), &kgo.Record{Value: value}).FirstErr(); err != nil {
			t.Fatal(err)
		}
	}
	for i := range 50 {
		send(1, map[string]any{"id": int64(i), "customer": "one"})
		send(2, map[string]any{"id": 1000 + i, "customer": map[string]any{"string": "two"}, "note": "n"})
	}
	send(77, nil)
	tg := duckTarget(filepath.Join(t.TempDir(), "w.duckdb"))
	tg.open(t)
	defer tg.close()
	s := tg.streams(sourceOf(t, "duckdb", with(orders, "value: {format: avro, registry: main}")), c.ListenAddrs())
	s.connections.Registries = map[string]*declare.Registry{"main": {Name: "main", URL: registry.URL, Username: "u", Password: "p"}}
	report, err := s.CatchUp(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	if r := report.Sources[0]; r.Rows != 100 || r.Quarantined != 1 {
		t.Errorf("%d rows, %d in quarantine", r.Rows, r.Quarantined)
	}
	got := fmt.Sprint(tg.rows(t, "select customer, _stream_schema_id, count(*), max(id) from raw.orders group by all order by 1"))
	if want := "[[one 1 50 49] [two 2 50 1049]]"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if got := fmt.Sprint(tg.rows(t, "select code, schema_id from _stream.quarantine")); got != "[[unknown_schema 77]]" {
		t.Errorf("quarantine: %s", got)
	}
	if n := asked.Load(); n > 14 {
		t.Errorf("the registry was asked %d times", n)
	}
}

// TestOAuthBearer: tokens that are given, from a file, and from a provider, which is asked
// again when one expires. The brokers see the token; errors do not show secrets.
func TestOAuthBearer(t *testing.T) {
	issued := 0
	provider := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		id, secret, _ := r.BasicAuth()
		if id != "me" || secret != "geheim" || r.FormValue("grant_type") != "client_credentials" || r.FormValue("scope") != "kafka" {
			w.WriteHeader(http.StatusUnauthorized)
			_, _ = w.Write([]byte(`{"error":"invalid_client"}`))
			return
		}
		issued++
		_, _ = fmt.Fprintf(w, `{"access_token":"issued-%d","expires_in":3600}`, issued)
	}))
	defer provider.Close()
	root := t.TempDir()
	if err := os.WriteFile(filepath.Join(root, "token"), []byte("from-file\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, c2 := range map[string]struct {
		oauth declare.OAuth
		token string // "" when there is none
	}{
		"given":    {declare.OAuth{Token: "given"}, "given"},
		"file":     {declare.OAuth{TokenFile: "token"}, "from-file"},
		"provider": {declare.OAuth{TokenURL: provider.URL, ClientID: "me", Secret: "geheim", Scope: "kafka"}, "issued-1"},
		"refused":  {declare.OAuth{TokenURL: provider.URL, ClientID: "me", Secret: "falsch", Scope: "kafka"}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			c := cluster(t, 1)
			if err := producer(t, c).ProduceSync(context.Background(), &kgo.Record{Value: []byte(`{"id":1}`)}).FirstErr(); err != nil {
				t.Fatal(err)
			}
			var mu sync.Mutex
			seen := ""
			c.ControlKey(17, func(r kmsg.Request) (kmsg.Response, error, bool) {
				c.KeepControl()
				resp := r.ResponseKind().(*kmsg.SASLHandshakeResponse)
				resp.SupportedMechanisms = []string{"OAUTHBEARER"}
				return resp, nil, true
			})
			c.ControlKey(36, func(r kmsg.Request) (kmsg.Response, error, bool) {
				c.KeepControl()
				mu.Lock()
				defer mu.Unlock()
				seen = string(r.(*kmsg.SASLAuthenticateRequest).SASLAuthBytes)
				return r.ResponseKind(), nil, true
			})
			tg := duckTarget(filepath.Join(t.TempDir(), "w.duckdb"))
			tg.open(t)
			defer tg.close()
			s := tg.streams(sourceOf(t, "duckdb", orders), nil)
			s.root = root
			s.connections.Kafka["main"] = &declare.Connection{Name: "main", Brokers: c.ListenAddrs(), SASL: declare.SASL{Mechanism: "OAUTHBEARER", OAuth: c2.oauth}}
			ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
			defer cancel()
			if c2.token == "" {
				ctx, cancel = context.WithTimeout(ctx, 2*time.Second)
				defer cancel()
			}
			report, err := s.CatchUp(ctx)
			mu.Lock()
			defer mu.Unlock()
			switch {
			case c2.token == "" && (err == nil || strings.Contains(err.Error(), "falsch") || seen != ""):
				t.Errorf("%v %q", err, seen)
			case c2.token != "" && (err != nil || report.Sources[0].Rows != 1 || !strings.Contains(seen, "auth=Bearer "+c2.token+"\x01")):
				t.Errorf("%v %q", err, seen)
			}
		})
	}
	if issued != 1 {
		t.Errorf("the provider was asked %d times for one hour's token", issued)
	}
}

// TestMutualTLS: a broker that asks for a certificate of ours.
func TestMutualTLS(t *testing.T) {
	cert, ca := certificate(t)
	root := t.TempDir()
	key, err := x509.MarshalPKCS8PrivateKey(cert.PrivateKey)
	if err != nil {
		t.Fatal(err)
	}
	for name, data := range map[string][]byte{"ca.pem": ca, "me.pem": ca, "me.key": pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: key})} {
		if err := os.WriteFile(filepath.Join(root, name), data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(ca)
	c := cluster(t, 1, kfake.TLS(&tls.Config{Certificates: []tls.Certificate{cert}, ClientAuth: tls.RequireAndVerifyClientCert, ClientCAs: pool}))
	cl := producer(t, c, kgo.DialTLSConfig(&tls.Config{RootCAs: pool, Certificates: []tls.Certificate{cert}}))
	if err := cl.ProduceSync(context.Background(), &kgo.Record{Value: []byte(`{"id":1}`)}).FirstErr(); err != nil {
		t.Fatal(err)
	}
	for _, mine := range []bool{true, false} {
		tg := duckTarget(filepath.Join(t.TempDir(), "w.duckdb"))
		tg.open(t)
		defer tg.close()
		s := tg.streams(sourceOf(t, "duckdb", orders), nil)
		s.root = root
		conn := &declare.Connection{Name: "main", Brokers: c.ListenAddrs(), TLS: declare.TLS{On: true, CAFile: "ca.pem"}}
		if mine {
			conn.TLS.CertFile, conn.TLS.KeyFile = "me.pem", "me.key"
		}
		s.connections.Kafka["main"] = conn
		patience := 30 * time.Second
		if !mine {
			patience = 2 * time.Second
		}
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		report, err := s.CatchUp(ctx)
		cancel()
		if mine && (err != nil || report.Sources[0].Rows != 1) || !mine && codeOf(err) != diag.CodeBroker {
			t.Errorf("with a certificate %v: %v %+v", mine, err, report)
		}
	}
}
