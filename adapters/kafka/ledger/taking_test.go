package ledger

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/millrace/millrace/adapters/adaptertest"
	"github.com/millrace/millrace/adapters/postgres"
)

// TestSilentOwner: a process that hangs in the middle of a commit does not keep others from
// the stream, and can commit nothing when it goes on.
func TestSilentOwner(t *testing.T) {
	server, err := adaptertest.StartPostgres()
	if errors.Is(err, adaptertest.ErrNoPostgres) {
		t.Skip(err)
	}
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := server.Stop(); err != nil {
			t.Error(err)
		}
	}()
	defer func(d time.Duration) { silence = d }(silence)
	silence = 200 * time.Millisecond
	ctx := context.Background()
	driver := postgres.Driver{}
	creds, err := driver.Credentials(server.Profile("raw"))
	if err != nil {
		t.Fatal(err)
	}
	e, err := driver.Open(ctx, creds)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = e.Close() }()
	hanging, err := e.Conn(ctx, "hanging")
	if err != nil {
		t.Fatal(err)
	}
	other, err := e.Conn(ctx, "other")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = other.Close() }()
	l := New("postgres", driver.Dialect(), server.Database)
	if err := l.Create(ctx, other); err != nil {
		t.Fatal(err)
	}
	now := time.Now()
	first, err := l.Claim(ctx, hanging, "s", "first", now)
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(Begin(ctx, hanging), l.Advance(ctx, hanging, first, &Batch{Number: 1, Token: "t"}, now)); err != nil {
		t.Fatal(err)
	}
	second, err := l.Claim(ctx, other, "s", "second", now)
	if err != nil {
		t.Fatal(err)
	}
	if second.Epoch != first.Epoch+1 || second.LastBatch != 0 {
		t.Errorf("the heir has %+v", second)
	}
	if err := hanging.Commit(ctx); err == nil {
		t.Error("the process that hung has committed")
	}
	_ = hanging.Close()
	if err := Within(ctx, other, func() error { return l.Advance(ctx, other, second, &Batch{Number: 1, Token: "u"}, now) }); err != nil {
		t.Errorf("the heir cannot go on: %v", err)
	}
}
