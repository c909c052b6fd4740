package pages

import (
	"testing"
	"time"

	"github.com/fauxka/fauxka/broker/packages/go/fauxka"
	"github.com/fauxka/fauxka/broker/packages/go/fauxkatest"
)

func TestRules(t *testing.T) {
	kafka := fauxkatest.Run(t, fauxka.WithTopics("orders:3"), fauxka.WithNodes(3))

	// The second batch for orders-0 is stored, and its answer is lost.
	kafka.Fault(fauxka.Rule{
		API: fauxka.Produce, Topic: "orders", Partition: fauxka.Ptr[int32](0), Nth: 2, AfterApply: fauxka.Disconnect,
	})
	// Three commits of these groups are refused.
	kafka.Fault(fauxka.Rule{
		API: fauxka.OffsetCommit, Group: "billing*", Count: 3, BeforeApply: fauxka.FailWith(fauxka.RebalanceInProgress),
	})
	// The first request fails, the second passes, the third comes late.
	kafka.Fault(fauxka.Rule{
		API: fauxka.APIList{fauxka.Fetch, fauxka.ListOffsets}, Topic: "orders",
		BeforeApply: fauxka.ActionList{fauxka.FailWith(fauxka.NotLeaderOrFollower), fauxka.Pass, fauxka.DelayBy(2 * time.Second)},
	})
	// One request in twenty to node 2 takes 50 to 350 ms longer.
	kafka.Fault(fauxka.Rule{
		Node: fauxka.Ptr[int32](2), Probability: 0.05,
		BeforeApply: fauxka.ActionDelay{Delay: fauxka.Around(200*time.Millisecond, 150*time.Millisecond)},
	})
	// All answers to a client wait until the rule is released.
	held := kafka.Fault(fauxka.Rule{Name: "held", ClientID: "worker-1", AfterApply: fauxka.Hold})
	// Bytes pass slowly.
	kafka.Fault(fauxka.Rule{ClientID: "worker-2", Bytes: fauxka.ByteActionBandwidth{Bandwidth: 100_000}})
	// Nothing but counted: between one and five producers start.
	counted := kafka.Fault(fauxka.Rule{API: fauxka.InitProducerID, Observe: true, Expect: fauxka.Between(0, 5)})

	held.Release()
	if view := counted.View(); view.Hits != 0 || view.State != fauxka.FaultStateActive {
		t.Errorf("%+v", view)
	}
	kafka.Heal()
}
