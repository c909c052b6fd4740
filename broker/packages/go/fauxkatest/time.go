package fauxkatest

import (
	"context"
	"time"

	"github.com/fauxka/fauxka/broker/packages/go/fauxka"
)

// Clock is the cluster's time. It moves by itself unless the cluster was started with fauxka.WithManualClock.
type Clock struct{ cluster *Cluster }

// Now is the cluster's time, and what is due next.
func (clock *Clock) Now() *fauxka.ClockView {
	clock.cluster.t.Helper()
	return get(clock.cluster, clock.cluster.Control.GetClock)
}

// Advance moves a manual clock, and returns when all that was due on the way has happened. Clients that are connected keep
// their sessions, as their heartbeats would; the sessions of the clients that you name run out, since they are silent.
func (clock *Clock) Advance(by time.Duration, silent ...fauxka.Pattern) *fauxka.Advanced {
	clock.cluster.t.Helper()
	how := fauxka.AdvanceBy{By: fauxka.Spoken(by), Silent: silent}
	return get(clock.cluster, func(ctx context.Context) (*fauxka.Advanced, error) {
		return clock.cluster.Control.AdvanceClock(ctx, how)
	})
}

// AdvanceToNext moves a manual clock to what is due next.
func (clock *Clock) AdvanceToNext(silent ...fauxka.Pattern) *fauxka.Advanced {
	clock.cluster.t.Helper()
	how := fauxka.AdvanceTo{To: fauxka.ClockTargetNext, Silent: silent}
	return get(clock.cluster, func(ctx context.Context) (*fauxka.Advanced, error) {
		return clock.cluster.Control.AdvanceClock(ctx, how)
	})
}

// Journal is what happened: requests with their outcomes, and changes of state.
type Journal struct{ cluster *Cluster }

// Rows is the rows that meet all conditions, oldest first; the latest 1000 unless you say otherwise.
func (journal *Journal) Rows(query fauxka.JournalQuery) fauxka.RowList {
	journal.cluster.t.Helper()
	return get(journal.cluster, func(ctx context.Context) (*fauxka.Rows, error) {
		return journal.cluster.Control.GetJournal(ctx, query)
	}).Rows
}

// Requests is the requests among these rows.
func (journal *Journal) Requests(query fauxka.JournalQuery) []*fauxka.RequestRow {
	journal.cluster.t.Helper()
	query.Kind = fauxka.KindRequest
	return fauxka.RowsOf[*fauxka.RequestRow](journal.Rows(query))
}

// Expect waits until the journal has as many rows as Count says (or one) that meet all conditions. When it has not after
// Timeout (or 30 seconds), the test fails.
func (journal *Journal) Expect(query fauxka.JournalWait) fauxka.RowList {
	journal.cluster.t.Helper()
	return getWithin(journal.cluster, query.Timeout, func(ctx context.Context) (*fauxka.Rows, error) {
		return journal.cluster.Control.WaitForJournal(ctx, query)
	}).Rows
}

// Clear deletes all rows.
func (journal *Journal) Clear() {
	journal.cluster.t.Helper()
	journal.cluster.do(journal.cluster.Control.ClearJournal)
}
