// The broker's answer to a producer is lost. The order must still be in the log exactly once.
package orders

import (
	"slices"
	"testing"

	"github.com/fauxka/fauxka/broker/packages/go/fauxka"
	"github.com/fauxka/fauxka/broker/packages/go/fauxkatest"
	"github.com/twmb/franz-go/pkg/kgo"
)

func TestOrderIsPlacedOnce(t *testing.T) {
	t.Parallel()
	kafka := fauxkatest.Run(t, fauxka.WithTopics("orders"))
	kafka.Fault(fauxka.Rule{
		Name: "lost answer", API: fauxka.Produce, Topic: "orders", Nth: 1,
		AfterApply: fauxka.Disconnect, Expect: fauxka.Times(1),
	})

	client, err := kgo.NewClient(kgo.SeedBrokers(kafka.Brokers()...), kgo.MetadataMinAge(fauxka.MetadataAge))
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	order := &kgo.Record{Topic: "orders", Value: []byte("order-1")}
	if err := client.ProduceSync(t.Context(), order).FirstErr(); err != nil {
		t.Fatal(err)
	}

	if orders := kafka.Values("orders"); !slices.Equal(orders, []string{"order-1"}) {
		t.Errorf("the orders are %q", orders)
	}
}
