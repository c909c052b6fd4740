// Tests that fail: what they print is compared with expected.txt.
package reports

import (
	"syscall"
	"testing"

	"github.com/fauxka/fauxka/broker/packages/go/fauxka"
	"github.com/fauxka/fauxka/broker/packages/go/fauxkatest"
)

var lost = fauxka.Rule{
	Name: "lost answer", API: fauxka.Produce, Topic: "orders", Nth: 2,
	AfterApply: fauxka.Disconnect, Expect: fauxka.Times(1),
}

// cluster has one order.
func cluster(t *testing.T, seed uint64) *fauxkatest.Cluster {
	t.Helper()
	kafka := fauxkatest.Run(t, fauxka.WithTopics("orders"), fauxka.WithManualClock(), fauxka.WithSeed(seed))
	kafka.Produce("orders", fauxka.NewRecord{Value: fauxka.Text("order-1")})
	return kafka
}

func TestExpectationIsUnmet(t *testing.T) { cluster(t, 7).Fault(lost) }

func TestFailsByItself(t *testing.T) {
	cluster(t, 8)
	t.Error("the order is not paid")
}

func TestIsRefused(t *testing.T) { cluster(t, 9).Topic("payments") }

func TestSubtestFails(t *testing.T) {
	kafka := cluster(t, 10)
	t.Run("payments", func(t *testing.T) { kafka.For(t).DeleteTopic("payments") })
}

func TestTwoClusters(t *testing.T) {
	cluster(t, 11)
	cluster(t, 12).Fault(lost)
}

func TestResetVerifiesBefore(t *testing.T) {
	kafka := cluster(t, 13)
	kafka.Fault(lost)
	kafka.Reset()
	if rules := kafka.Faults(); len(rules) > 0 {
		t.Error("the rules are still there")
	}
}

func TestNothingCame(t *testing.T) {
	kafka := cluster(t, 14)
	kafka.Journal.Expect(fauxka.JournalWait{API: fauxka.OffsetCommit, Count: 3, Timeout: 1e6})
}

func TestRemovedRuleIsForgotten(t *testing.T) { cluster(t, 15).Fault(lost).Remove() }

func TestClusterDies(t *testing.T) {
	kafka := fauxkatest.Run(t, fauxka.WithArgs("--log", "error"))
	if err := syscall.Kill(kafka.PID(), syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
}
