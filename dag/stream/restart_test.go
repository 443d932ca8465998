package stream

import (
	"context"
	"fmt"
	"math/rand/v2"
	"testing"
)

// TestServerRestarts restarts PostgreSQL in the middle of a commit, at every step of it:
// the same catch-up goes on, and everything lands once.
func TestServerRestarts(t *testing.T) {
	onPostgres(t, func(t *testing.T, tg *target) {
		if server.Foreign() {
			t.Skip("the server is not ours to restart")
		}
		// The tests' server forgets its last commits in a crash; here they must be there.
		database := `alter database "` + tg.database + `" `
		tg.exec(t, database+"set synchronous_commit = on")
		defer tg.exec(t, database+"reset synchronous_commit")
		tg.restart(t)
		c := cluster(t, 2)
		cl := producer(t, c)
		log := produced{}
		r := rand.New(rand.NewPCG(61, 61))
		for n, where := range []string{"begin", "advance", "rows", "quarantine", "commit"} {
			produce(t, cl, log, r, n*1000, 500, 2)
			s := tg.streams(sourceOf(t, tg.kind, orders), c.ListenAddrs())
			restarts := 0
			s.steps = locked(func(at string) error {
				if at != where || restarts > 0 {
					return nil
				}
				restarts++
				return server.Restart()
			})
			if _, err := s.CatchUp(context.Background()); err != nil || restarts != 1 {
				t.Fatal(fmt.Errorf("a restart at %s: %w (%d restarts)", where, err, restarts))
			}
			tg.check(t, log)
			verified(t, s)
		}
	})
}
