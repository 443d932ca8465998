package jinja_test

import (
	"bufio"
	"encoding/json"
	"errors"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/millrace/millrace/compiler/diag"
)

// oracleEnv names a Python that has dbt-common: the differential test asks it what dbt makes of random templates.
const oracleEnv = "MILLRACE_JINJA_PYTHON"

// oracle is testdata/oracle.py as a server.
type oracle struct {
	in  io.Writer
	out *bufio.Scanner
}

func startOracle(t *testing.T) *oracle {
	python := os.Getenv(oracleEnv)
	if python == "" {
		t.Skip("set " + oracleEnv + " to a Python with dbt-common to compare with")
	}
	cmd := exec.Command(python, "testdata/oracle.py", "serve")
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = in.Close(); _ = cmd.Wait() })
	lines := bufio.NewScanner(out)
	lines.Buffer(nil, 64<<20)
	return &oracle{in, lines}
}

type oracleAnswer struct {
	Expect string `json:"expect"`
	Err    string `json:"err"`
}

func (o *oracle) ask(t *testing.T, src, mode string) (a oracleAnswer) {
	t.Helper()
	line, err := json.Marshal(map[string]string{"src": src, "mode": mode})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := o.in.Write(append(line, '\n')); err != nil {
		t.Fatal(err)
	}
	if !o.out.Scan() {
		t.Fatalf("the oracle ended at %q: %v", src, o.out.Err())
	}
	if err := json.Unmarshal(o.out.Bytes(), &a); err != nil {
		t.Fatal(err)
	}
	return a
}

// TestDifferential compares random templates, in the modes that SQL is rendered in, with Python's answers: the same text, or an error in both.
// MILLRACE_JINJA_ROUNDS is how many (5,000 when absent) and MILLRACE_JINJA_SEED repeats a run.
func TestDifferential(t *testing.T) {
	o := startOracle(t)
	rounds, seed := 5000, uint64(time.Now().UnixNano())
	if s := os.Getenv("MILLRACE_JINJA_ROUNDS"); s != "" {
		n, err := strconv.Atoi(s)
		if err != nil {
			t.Fatal(err)
		}
		rounds = n
	}
	if s := os.Getenv("MILLRACE_JINJA_SEED"); s != "" {
		n, err := strconv.ParseUint(s, 10, 64)
		if err != nil {
			t.Fatal(err)
		}
		seed = n
	}
	t.Logf("seed %d", seed)
	g := &grammar{rand.New(rand.NewPCG(seed, 1))}
	modes := []string{"text", "text", "parse"}
	both, failed := 0, 0
	for range rounds {
		c := languageCase{Src: g.template(), Mode: g.pick(modes...)}
		want := o.ask(t, c.Src, c.Mode)
		got, err := renderLanguage(t, c)
		switch {
		case strings.HasPrefix(want.Err, "AssertionError"): // Jinja's own compiler gave up
		case err == nil && want.Err == "":
			both++
			if got != want.Expect {
				t.Errorf("%s %q\n got %q\nwant %q", c.Mode, c.Src, got, want.Expect)
				failed++
			}
		case err == nil:
			t.Errorf("%s %q\nrendered %q, want error %s", c.Mode, c.Src, got, want.Err)
			failed++
		case want.Err == "" && !refused(err):
			t.Errorf("%s %q\nfailed: %v\nwant %q", c.Mode, c.Src, err, want.Expect)
			failed++
		}
		if failed == 20 {
			t.Fatal("enough")
		}
	}
	if both < rounds/5 {
		t.Errorf("only %d of %d templates rendered: the grammar makes too many mistakes", both, rounds)
	}
}

// refused are the limits we set and Python does not.
func refused(err error) bool {
	var d *diag.Diagnostic
	return errors.As(err, &d) && (d.Code == diag.CodeLimit || strings.Contains(d.Summary, "complex number"))
}
