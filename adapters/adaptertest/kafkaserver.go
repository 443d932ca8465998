package adaptertest

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// ServersEnv says that tests may start real servers of streams, which need Java and are
// fetched from Maven Central on their first start.
const ServersEnv = "MILLRACE_TEST_SERVERS"

// Kafka is a cluster of real brokers.
type Kafka struct {
	Brokers []string
	t       testing.TB
	dir     string
}

// StartKafka starts a cluster that lives as long as the test. The test is skipped unless
// ServersEnv is set, and where there is no Java.
func StartKafka(t testing.TB, brokers int) *Kafka {
	t.Helper()
	k := &Kafka{t: t, dir: t.TempDir()}
	port := portRange(t)
	t.Cleanup(func() { script(t, "kafka.sh", "stop", k.dir) })
	out := script(t, "kafka.sh", "start", k.dir, strconv.Itoa(brokers), strconv.Itoa(port))
	k.Brokers = strings.Split(out, ",")
	return k
}

// Kill ends a broker as a power cut would; the first is 1.
func (k *Kafka) Kill(node int) { script(k.t, "kafka.sh", "kill", k.dir, strconv.Itoa(node)) }

// Connect starts a Kafka Connect worker with connectors; each is the text of a properties file.
func (k *Kafka) Connect(worker string, connectors ...string) {
	k.t.Helper()
	args := []string{"connect", k.dir}
	for i, text := range append([]string{worker}, connectors...) {
		path := filepath.Join(k.dir, fmt.Sprintf("connect%d.properties", i))
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			k.t.Fatal(err)
		}
		args = append(args, path)
	}
	script(k.t, "kafka.sh", args...)
}

// LogOf is the end of a server's log.
func (k *Kafka) LogOf(name string) string {
	text, err := os.ReadFile(filepath.Join(k.dir, name+".log"))
	if err != nil {
		return err.Error()
	}
	return string(text[max(0, len(text)-4000):])
}

// StartRegistry starts a schema registry that lives as long as the test and gives the
// address of its Confluent API. The test is skipped as with StartKafka.
func StartRegistry(t testing.TB) string {
	t.Helper()
	dir := t.TempDir()
	t.Cleanup(func() { script(t, "registry.sh", "stop", dir) })
	return script(t, "registry.sh", "start", dir, strconv.Itoa(portRange(t)))
}

// portRange gives a port that is free, as the ones above it probably are.
func portRange(t testing.TB) int {
	t.Helper()
	port, err := freePort()
	if err != nil {
		t.Fatal(err)
	}
	return 20000 + port%10000 // below the ports that clients get
}

// moduleRoot is the nearest folder above the test's own that holds go.mod; a test runs in its package's folder. The paths
// that the compiler recorded would not do: -trimpath shortens them.
func moduleRoot(t testing.TB) string {
	t.Helper()
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir
		}
		parent := filepath.Dir(dir)
		if parent == dir {
			t.Fatal("no go.mod above the test: the servers' scripts stand beside it")
		}
		dir = parent
	}
}

// script runs a script of testing/servers and gives what it prints.
func script(t testing.TB, name string, args ...string) string {
	t.Helper()
	if os.Getenv(ServersEnv) == "" {
		t.Skip("set " + ServersEnv + "=1 to let this test start real servers; they need Java and Maven")
	}
	cmd := exec.Command(filepath.Join(moduleRoot(t), "testing", "servers", name), args...)
	var said bytes.Buffer
	cmd.Stderr = &said
	out, err := cmd.Output()
	const lacking = 3 // exit code of the scripts
	var exit *exec.ExitError
	switch {
	case errors.As(err, &exit) && exit.ExitCode() == lacking:
		t.Skip(strings.TrimSpace(said.String()))
	case err != nil:
		t.Fatalf("%s %s: %v\n%s%s", name, strings.Join(args, " "), err, out, said.String())
	}
	return strings.TrimSpace(string(out))
}
