// Many tests at once, each with a cluster of its own.
package parallel

import (
	"fmt"
	"slices"
	"sync/atomic"
	"testing"

	"github.com/fauxka/fauxka/broker/packages/go/fauxka"
	"github.com/fauxka/fauxka/broker/packages/go/fauxkatest"
	"github.com/twmb/franz-go/pkg/kgo"
)

const count = 16

func TestEachHasItsOwn(t *testing.T) {
	var atOnce, most atomic.Int32
	t.Cleanup(func() {
		if most.Load() < 2 {
			t.Error("the tests were not parallel")
		}
	})
	for number := range count {
		t.Run(fmt.Sprint(number), func(t *testing.T) {
			t.Parallel()
			kafka := fauxkatest.Run(t, fauxka.WithTopics("orders"))
			if now := atOnce.Add(1); now > most.Load() {
				most.Store(now)
			}
			defer atOnce.Add(-1)
			order := fmt.Sprintf("order-%d", number)
			produce(t, kafka, order)
			if orders := kafka.Values("orders"); !slices.Equal(orders, []string{order}) {
				t.Errorf("the orders are %q", orders)
			}
		})
	}
}

func produce(t *testing.T, kafka *fauxkatest.Cluster, order string) {
	t.Helper()
	client, err := kgo.NewClient(kgo.SeedBrokers(kafka.Brokers()...))
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	record := &kgo.Record{Topic: "orders", Value: []byte(order)}
	if err := client.ProduceSync(t.Context(), record).FirstErr(); err != nil {
		t.Fatal(err)
	}
}

// Both clusters of a test are verified, and end with it.
func TestTwoClusters(t *testing.T) {
	t.Parallel()
	here, there := fauxkatest.Run(t, fauxka.WithTopics("orders")), fauxkatest.Run(t, fauxka.WithTopics("orders"))
	produce(t, here, "order-1")
	for _, record := range here.Records("orders") {
		there.Produce("orders", fauxka.NewRecord{Key: record.Key, Value: record.Value})
	}
	if orders := there.Values("orders"); !slices.Equal(orders, []string{"order-1"}) {
		t.Errorf("the orders are %q", orders)
	}
}
