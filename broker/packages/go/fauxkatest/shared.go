package fauxkatest

import (
	"context"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/fauxka/fauxka/broker/packages/go/fauxka"
)

// What a test needs to say why it fails.
const reserve = time.Second

// Shared is one cluster for all tests of a package, one after the other:
//
//	var shared = fauxkatest.NewShared(fauxka.WithTopics("orders"))
//
//	func TestMain(m *testing.M) { shared.Main(m) }
//
//	func TestOrders(t *testing.T) {
//		kafka := shared.Use(t)
//		…
//	}
//
// Tests that run in parallel wait for each other. A cluster per test, by Run, starts in milliseconds and needs none of this.
type Shared struct {
	options []fauxka.Option
	starts  sync.Once
	process *fauxka.Cluster
	failure error

	// Who holds turn has the cluster.
	turn   chan struct{}
	lock   sync.Mutex
	holder string
}

// NewShared describes a cluster, which starts when the first test uses it.
func NewShared(options ...fauxka.Option) *Shared {
	return &Shared{options: options, turn: make(chan struct{}, 1)}
}

// Main runs a package's tests, and ends the cluster after them. Without it the cluster ends with the process.
func (shared *Shared) Main(m *testing.M) {
	m.Run()
	if shared.process == nil {
		return
	}
	ctx, cancel := bounded()
	defer cancel()
	// Each test has told already what is wrong with the cluster.
	_ = shared.process.Stop(ctx)
}

// UseOption says how a test uses a shared cluster.
type UseOption func(*use)

type use struct{ keeps bool }

// WithoutReset leaves topics, records and groups as the test before has left them. Fault rules and the journal's
// rows of that test are gone all the same.
func WithoutReset() UseOption { return func(chosen *use) { chosen.keeps = true } }

// Use gives the cluster to a test until it and its subtests are over, after a reset: what the test before has left is gone.
// Expectations of fault rules are verified, and failures reported, as by Run.
func (shared *Shared) Use(t testing.TB, options ...UseOption) *Cluster {
	t.Helper()
	var chosen use
	for _, option := range options {
		option(&chosen)
	}
	shared.take(t)
	shared.starts.Do(func() {
		ctx, cancel := bounded()
		defer cancel()
		shared.process, shared.failure = fauxka.Start(ctx, shared.options...)
	})
	if shared.failure != nil {
		shared.give()
		t.Fatal(shared.failure)
	}
	cluster := of(t, shared.process)
	t.Cleanup(func() {
		t.Helper()
		defer shared.give()
		cluster.verify()
		if shared.process.HasEnded() {
			if err := shared.process.Stop(context.Background()); err != nil {
				t.Error(err)
			}
		}
	})
	if chosen.keeps {
		cluster.reset(fauxka.ResetKindFaults, fauxka.ResetKindJournal)
	} else {
		cluster.reset()
	}
	return cluster
}

// take waits for the test's turn.
func (shared *Shared) take(t testing.TB) {
	t.Helper()
	shared.lock.Lock()
	holder := shared.holder
	shared.lock.Unlock()
	if holder != "" && (t.Name() == holder || strings.HasPrefix(t.Name(), holder+"/")) {
		t.Fatalf("%s has the shared cluster already: use what Use returned there, with For(t) in a subtest", holder)
	}
	ctx, cancel := turnPatience(t)
	defer cancel()
	select {
	case shared.turn <- struct{}{}:
	case <-ctx.Done():
		t.Fatalf("%s still has the shared cluster", holder)
	}
	shared.lock.Lock()
	defer shared.lock.Unlock()
	shared.holder = t.Name()
}

func (shared *Shared) give() {
	shared.lock.Lock()
	defer shared.lock.Unlock()
	shared.holder = ""
	<-shared.turn
}

// turnPatience ends before the tests' own deadline, so that the test can say what it waited for.
func turnPatience(t testing.TB) (context.Context, context.CancelFunc) {
	if with, has := t.(interface{ Deadline() (time.Time, bool) }); has {
		if deadline, is := with.Deadline(); is {
			return context.WithDeadline(context.Background(), deadline.Add(-reserve))
		}
	}
	return context.WithCancel(context.Background())
}
