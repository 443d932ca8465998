package postgres

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/millrace/millrace/adapters"
	"github.com/millrace/millrace/adapters/adaptertest"
	"github.com/millrace/millrace/compiler/jinja/value"
)

// TestTLS: a server with a certificate, one user of whom asks for a certificate in turn. The
// profile's keys have libpq's meaning.
func TestTLS(t *testing.T) {
	if os.Getenv(adaptertest.PostgresEnv) != "" {
		t.Skip("the server of the environment keeps its certificates")
	}
	s := adaptertest.Postgres(t)
	dir := t.TempDir()
	ours, theirs := newAuthority(t, "ours"), newAuthority(t, "theirs")
	serverCert, serverKey := ours.sign(t, "localhost")
	clientCert, clientKey := ours.sign(t, "certified")
	strangerCert, strangerKey := theirs.sign(t, "certified")
	secure(t, s, ours.cert, serverCert, serverKey)
	file := func(name, text string) value.Value {
		path := filepath.Join(dir, name)
		check(t, os.WriteFile(path, []byte(text), 0o600))
		return value.String(path)
	}
	root, other := file("ours.crt", ours.cert), file("theirs.crt", theirs.cert)
	cert, key := file("client.crt", clientCert), file("client.key", clientKey)
	strange, strangeKey := file("stranger.crt", strangerCert), file("stranger.key", strangerKey)
	certified := value.String("certified")
	for name, tc := range map[string]struct {
		keys map[string]value.Value
		want string // "on" or "off", else part of the error
	}{
		"by default":                      {nil, "on"},
		"disable":                         {map[string]value.Value{"sslmode": value.String("disable")}, "off"},
		"require":                         {map[string]value.Value{"sslmode": value.String("require")}, "on"},
		"verify-full":                     {map[string]value.Value{"sslmode": value.String("verify-full"), "sslrootcert": root}, "on"},
		"verify-full by another's root":   {map[string]value.Value{"sslmode": value.String("verify-full"), "sslrootcert": other}, "unknown authority"},
		"verify-ca by another's root":     {map[string]value.Value{"sslmode": value.String("verify-ca"), "sslrootcert": other}, "unknown authority"},
		"require with another's root":     {map[string]value.Value{"sslmode": value.String("require"), "sslrootcert": other}, "unknown authority"},
		"a user who needs a certificate":  {map[string]value.Value{"sslmode": value.String("require"), "user": certified}, "certificate"},
		"and has it":                      {map[string]value.Value{"sslmode": value.String("verify-full"), "sslrootcert": root, "user": certified, "sslcert": cert, "sslkey": key}, "on"},
		"and has another's":               {map[string]value.Value{"sslmode": value.String("require"), "user": certified, "sslcert": strange, "sslkey": strangeKey}, "failed"},
		"a certificate without its key":   {map[string]value.Value{"sslmode": value.String("require"), "user": certified, "sslcert": cert}, "sslkey"},
		"a certificate and another's key": {map[string]value.Value{"sslmode": value.String("require"), "user": certified, "sslcert": cert, "sslkey": strangeKey}, "private key does not match"},
	} {
		t.Run(name, func(t *testing.T) {
			output := s.Profile("public")
			output.SetString("retries", value.Int(0))
			for k, v := range tc.keys {
				output.SetString(k, v)
			}
			creds, err := Driver{}.Credentials(output)
			check(t, err)
			e, err := Driver{}.Open(context.Background(), creds)
			var de *adapters.DatabaseError
			if errors.As(err, &de) && strings.Contains(de.Message, tc.want) {
				return
			}
			if err != nil {
				t.Fatalf("got %v, want %s", err, tc.want)
			}
			c := conned(t, e, "tls")
			if used := cell(t, c, "select case when ssl then 'on' else 'off' end from pg_stat_ssl where pid = pg_backend_pid()"); used != tc.want {
				t.Errorf("TLS is %s, want %s", used, tc.want)
			}
			check(t, c.Close())
			check(t, e.Close())
		})
	}
}

// secure gives the server a certificate and makes it ask the user "certified" for one. The server writes the
// files itself, so that they belong to it.
func secure(t *testing.T, s *adaptertest.Server, root, cert, key string) {
	t.Helper()
	ctx := context.Background()
	c, err := pgx.Connect(ctx, s.DSN())
	check(t, err)
	for file, text := range map[string]string{"root.crt": root, "server.crt": cert, "server.key": key} {
		_, err := c.Exec(ctx, "copy (select unnest(string_to_array('"+text+"', e'\\n'))) to program 'umask 077; cat > "+file+"'")
		check(t, err)
	}
	for _, sql := range []string{
		"create role certified login",
		"copy (select 'hostssl all certified all cert') to program 'cat - pg_hba.conf > pg_hba.new; mv pg_hba.new pg_hba.conf'",
		"alter system set ssl = on", "alter system set ssl_ca_file = 'root.crt'",
		"select pg_reload_conf()",
	} {
		_, err := c.Exec(ctx, sql)
		check(t, err)
	}
	check(t, c.Close(ctx))
	for deadline := time.Now().Add(30 * time.Second); ; time.Sleep(20 * time.Millisecond) {
		c, err := pgx.Connect(ctx, strings.Replace(s.DSN(), "sslmode=disable", "sslmode=require", 1))
		if err == nil {
			check(t, c.Close(ctx))
			return
		}
		if time.Now().After(deadline) {
			t.Fatal(err)
		}
	}
}

// authority signs certificates.
type authority struct {
	cert   string
	parsed *x509.Certificate
	key    *ecdsa.PrivateKey
}

func newAuthority(t *testing.T, name string) *authority {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	check(t, err)
	template := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: name}, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	check(t, err)
	parsed, err := x509.ParseCertificate(der)
	check(t, err)
	return &authority{pemText("CERTIFICATE", der), parsed, key}
}

func (a *authority) sign(t *testing.T, name string) (cert, key string) {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	check(t, err)
	template := &x509.Certificate{SerialNumber: big.NewInt(2), Subject: pkix.Name{CommonName: name}, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		DNSNames: []string{name}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}}
	der, err := x509.CreateCertificate(rand.Reader, template, a.parsed, &private.PublicKey, a.key)
	check(t, err)
	encoded, err := x509.MarshalPKCS8PrivateKey(private)
	check(t, err)
	return pemText("CERTIFICATE", der), pemText("PRIVATE KEY", encoded)
}

func pemText(kind string, der []byte) string {
	return string(pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}))
}
