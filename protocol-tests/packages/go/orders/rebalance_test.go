package orders

import (
	"context"
	"testing"
	"time"

	"github.com/fauxka/fauxka/broker/packages/go/fauxka"
	"github.com/fauxka/fauxka/broker/packages/go/fauxkatest"
	"github.com/twmb/franz-go/pkg/kgo"
)

// member joins the group billing, and says after each rebalance how many partitions it has.
func member(t *testing.T, kafka *fauxkatest.Cluster, name string) <-chan int {
	assigned := make(chan int, 10)
	client, err := kgo.NewClient(
		kgo.SeedBrokers(kafka.Brokers()...), kgo.ClientID(name), kgo.ConsumerGroup("billing"), kgo.ConsumeTopics("orders"),
		kgo.Balancers(kgo.RangeBalancer()), kgo.HeartbeatInterval(fauxka.HeartbeatInterval),
		kgo.OnPartitionsAssigned(func(_ context.Context, _ *kgo.Client, partitions map[string][]int32) {
			assigned <- len(partitions["orders"])
		}),
	)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(client.CloseAllowingRebalance)
	go client.PollFetches(t.Context())
	return assigned
}

// until waits for as many partitions.
func until(t *testing.T, assigned <-chan int, count int) {
	t.Helper()
	for {
		select {
		case found := <-assigned:
			if found == count {
				return
			}
		case <-time.After(20 * time.Second):
			t.Fatalf("the member does not get %d partitions", count)
		}
	}
}

// One of two members falls silent. When its session has run out, the other has all partitions.
func TestOtherMemberTakesOver(t *testing.T) {
	t.Parallel()
	kafka := fauxkatest.Run(t, fauxka.WithTopics("orders:4"), fauxka.WithManualClock())
	staying := member(t, kafka, "staying")
	until(t, staying, 4)
	falling := member(t, kafka, "falling")
	until(t, falling, 2)
	until(t, staying, 2)

	kafka.Fault(fauxka.Rule{Name: "unplugged", ClientID: "falling", Bytes: fauxka.Silence})
	// Without a connection the client would try for long to leave the group when it closes.
	defer kafka.Heal()
	kafka.Clock.Advance(46*time.Second, "falling")

	until(t, staying, 4)
	if members := kafka.Group("billing").View().Members; len(members) != 1 || members[0].ClientID != "staying" {
		t.Errorf("the members are %+v", members)
	}
}
