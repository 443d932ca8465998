package stream

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kmsg"
	"github.com/twmb/franz-go/pkg/kversion"

	"github.com/millrace/millrace/adapters/kafka/landing"
	"github.com/millrace/millrace/adapters/postgres"
	"github.com/millrace/millrace/compiler/diag"
	"github.com/millrace/millrace/compiler/event"
	"github.com/millrace/millrace/compiler/jinja/value"
)

// onPostgres runs a test on an empty PostgreSQL database.
func onPostgres(t *testing.T, do func(t *testing.T, tg *target)) {
	onEngines(t, func(t *testing.T, tg *target) {
		if tg.kind != "postgres" {
			t.Skip("DuckDB has one writing process")
		}
		do(t, tg)
	})
}

// quickSessions lets members be missed after two seconds.
var quickSessions = kfake.BrokerConfigs(map[string]string{"group.min.session.timeout.ms": "500",
	"group.consumer.session.timeout.ms": "2000", "group.consumer.heartbeat.interval.ms": "200"})

// says is a Sink that names events.
type says struct{}

func (says) Emit(e event.Event) { fmt.Println(e.Name) }

// TestRebalanceStorm lets eight pumps join, leave and fail at random steps while records
// come in: each lands once, and nothing stands still afterwards. The members deal partitions,
// or the broker does. MILLRACE_STREAM_STORM sets how long (a duration).
func TestRebalanceStorm(t *testing.T) {
	for _, protocol := range []string{"classic", "consumer"} {
		t.Run(protocol, func(t *testing.T) { rebalanceStorm(t, protocol == "consumer") })
	}
}

func rebalanceStorm(t *testing.T, serverGroups bool) {
	onPostgres(t, func(t *testing.T, tg *target) {
		long := 3 * time.Second
		if d, err := time.ParseDuration(os.Getenv("MILLRACE_STREAM_STORM")); err == nil {
			long = d
		}
		seed := uint64(time.Now().UnixNano())
		t.Logf("seed %d", seed)
		defer func(d time.Duration) { sessionTimeout = d }(sessionTimeout)
		sessionTimeout = 2 * time.Second
		const partitions = 64
		c := cluster(t, partitions, quickSessions)
		var dealt atomic.Int64 // by the broker
		c.ControlKey(kmsg.ConsumerGroupHeartbeat.Int16(), func(kmsg.Request) (kmsg.Response, error, bool) {
			c.KeepControl()
			dealt.Add(1)
			return nil, nil, false
		})
		cl := producer(t, c)
		log := produced{}
		r := rand.New(rand.NewPCG(seed, 2))
		produce(t, cl, log, r, 0, 640, partitions)
		ctx, cancel := context.WithCancel(context.Background())
		defer cancel()
		var pumps sync.WaitGroup
		start := func(lives time.Duration, dies float64, random uint64) {
			s := tg.streams(sourceOf(t, tg.kind, orders), c.ListenAddrs())
			s.connections.Kafka["main"].ServerGroups = serverGroups
			rnd := rand.New(rand.NewPCG(random, 3))
			if dies > 0 {
				s.steps = locked(func(string) error {
					if rnd.Float64() < dies {
						return errCrash
					}
					return nil
				})
			}
			pumps.Add(1)
			go func() {
				defer pumps.Done()
				pctx, stop := context.WithTimeout(ctx, lives)
				defer stop()
				if _, err := s.Land(pctx); err != nil && !errors.Is(err, errCrash) && pctx.Err() == nil {
					t.Errorf("a pump ended: %v", err)
				}
			}()
		}
		end := time.Now().Add(long)
		for n, next := 1, 640; time.Now().Before(end); n++ {
			start(time.Duration(200+r.IntN(3000))*time.Millisecond, []float64{0, 0, 0.02}[r.IntN(3)], r.Uint64())
			produce(t, cl, log, r, next, 300, partitions)
			next += 300
			time.Sleep(time.Duration(200+r.IntN(300)) * time.Millisecond)
		}
		for range 4 { // those that stay
			start(time.Hour, 0, 1)
		}
		other := tg.streams(sourceOf(t, tg.kind, orders), c.ListenAddrs())
		if _, err := other.Wait(ctx, "", time.Minute); err != nil {
			t.Error(err)
		}
		cancel()
		pumps.Wait()
		tg.check(t, log)
		verified(t, other)
		if serverGroups != (dealt.Load() > 0) {
			t.Errorf("the broker was asked %d times to deal partitions", dealt.Load())
		}
	})
}

// TestBrokersThatDealNothing are too old for what the connection asks of them.
func TestBrokersThatDealNothing(t *testing.T) {
	onPostgres(t, func(t *testing.T, tg *target) {
		c := cluster(t, 1, kfake.MaxVersions(kversion.V3_6_0()))
		s := tg.streams(sourceOf(t, tg.kind, orders), c.ListenAddrs())
		s.connections.Kafka["main"].ServerGroups = true
		ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
		defer cancel()
		var d *diag.Diagnostic
		if _, err := s.Land(ctx); !errors.As(err, &d) || d.Code != diag.CodeBroker || !strings.Contains(d.Hint, "group_protocol") {
			t.Errorf("the pump says %v", err)
		}
	})
}

// landingChild lands as a member of a group and says so, until it is killed. Before its
// third commit it stops itself.
func landingChild(profile, brokers string) int {
	var fields map[string]any
	if err := json.Unmarshal([]byte(profile), &fields); err != nil {
		panic(err)
	}
	out := value.NewDict(len(fields))
	for k, v := range fields {
		switch v := v.(type) {
		case string:
			out.SetString(k, value.String(v))
		case float64:
			out.SetString(k, value.Int(int64(v)))
		}
	}
	tg := &target{kind: "postgres", driver: postgres.Driver{}, output: out}
	if err := tg.tryOpen(); err != nil {
		panic(err)
	}
	sessionTimeout = 2 * time.Second
	s := tg.streams(sourceOf(childT{}, "postgres", with(orders, "max_latency: 20ms")), strings.Split(brokers, ","))
	s.events = says{}
	commits := 0
	s.steps = locked(func(at string) error {
		if at == string(landing.StepBegin) {
			if commits++; commits == 3 {
				fmt.Println("stops")
				return syscall.Kill(os.Getpid(), syscall.SIGSTOP)
			}
		}
		return nil
	})
	if _, err := s.Land(context.Background()); err != nil {
		fmt.Println("ended", strings.ReplaceAll(fmt.Sprint(err), "\n", " "))
		return 1
	}
	return 0
}

// TestZombie stops a pump for longer than its session lasts. Another takes its partitions
// over; when the first goes on, what it had read must not land a second time.
func TestZombie(t *testing.T) {
	onPostgres(t, func(t *testing.T, tg *target) {
		exe, err := os.Executable()
		if err != nil {
			t.Fatal(err)
		}
		var profile strings.Builder
		profile.WriteString("{")
		for k, v := range tg.output.All() {
			if profile.Len() > 1 {
				profile.WriteString(",")
			}
			if n, ok := v.AsInt(); ok {
				fmt.Fprintf(&profile, "%q:%d", value.Str(k), n)
			} else {
				fmt.Fprintf(&profile, "%q:%q", value.Str(k), value.Str(v))
			}
		}
		profile.WriteString("}")
		c := cluster(t, 4, quickSessions)
		cl := producer(t, c)
		log := produced{}
		r := rand.New(rand.NewPCG(33, 33))
		cmd := exec.Command(exe)
		cmd.Env = append(os.Environ(), childEnv+"=land|"+profile.String()+"|"+strings.Join(c.ListenAddrs(), ","))
		cmd.Stderr = os.Stderr
		pipe, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		defer func() {
			_ = cmd.Process.Signal(syscall.SIGCONT)
			_ = cmd.Process.Kill()
			_ = cmd.Wait()
		}()
		said := make(chan string, 10000)
		go func() {
			for lines := bufio.NewScanner(pipe); lines.Scan(); {
				said <- lines.Text()
			}
			close(said)
		}()
		hear := func(what string) {
			t.Helper()
			timeout := time.After(time.Minute)
			for {
				select {
				case line, ok := <-said:
					if !ok || strings.HasPrefix(line, "ended") {
						t.Fatalf("waiting for %s, the process said %q", what, line)
					}
					if line == what {
						return
					}
				case <-timeout:
					t.Fatalf("%s never came", what)
				}
			}
		}
		for n := range 2 {
			produce(t, cl, log, r, 400*n, 400, 4)
			hear("StreamBatch")
		}
		produce(t, cl, log, r, 800, 3600, 4)
		hear("stops")
		produce(t, cl, log, r, 4400, 400, 4)
		ctx, cancel := context.WithCancel(context.Background())
		defer cancel()
		heir := tg.streams(sourceOf(t, tg.kind, orders), c.ListenAddrs())
		done := make(chan error, 1)
		go func() { _, err := heir.Land(ctx); done <- err }()
		other := tg.streams(sourceOf(t, tg.kind, orders), c.ListenAddrs())
		if _, err := other.Wait(ctx, "", time.Minute); err != nil {
			t.Fatal(err)
		}
		if err := cmd.Process.Signal(syscall.SIGCONT); err != nil {
			t.Fatal(err)
		}
		hear("StreamFenced")
		// Both go on together.
		for n := range 5 {
			produce(t, cl, log, r, 5000+400*n, 400, 4)
			if _, err := other.Wait(ctx, "", time.Minute); err != nil {
				t.Fatal(err)
			}
		}
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
		tg.check(t, log)
		verified(t, other)
	})
}

// TestSingleOwnerTakesFromAll: an operator's command that needs the stream for itself
// stops every member of the group.
func TestSingleOwnerTakesFromAll(t *testing.T) {
	onPostgres(t, func(t *testing.T, tg *target) {
		c := cluster(t, 4)
		cl := producer(t, c)
		log := produced{}
		r := rand.New(rand.NewPCG(34, 34))
		produce(t, cl, log, r, 0, 1000, 4)
		src := sourceOf(t, tg.kind, orders)
		other := tg.streams(src, c.ListenAddrs())
		done := make(chan error, 2)
		for range 2 {
			s := tg.streams(src, c.ListenAddrs())
			go func() { _, err := s.Land(context.Background()); done <- err }()
		}
		if _, err := other.Wait(context.Background(), "", time.Minute); err != nil {
			t.Fatal(err)
		}
		if _, err := other.Rewind(context.Background(), "earliest"); err != nil {
			t.Fatal(err)
		}
		produce(t, cl, log, r, 1000, 1000, 4)
		if _, err := other.CatchUp(context.Background()); err != nil {
			t.Fatal(err)
		}
		for range 2 {
			if err := <-done; codeOf(err) != diag.CodeFenced {
				t.Errorf("a member went on: %v", err)
			}
		}
		tg.check(t, log)
		verified(t, other)
	})
}
