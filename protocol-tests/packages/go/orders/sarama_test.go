package orders

import (
	"slices"
	"testing"

	"github.com/IBM/sarama"
	"github.com/fauxka/fauxka/broker/packages/go/fauxka"
	"github.com/fauxka/fauxka/broker/packages/go/fauxkatest"
)

// The same as TestOrderIsPlacedOnce, with sarama.
func TestOrderIsPlacedOnceBySarama(t *testing.T) {
	t.Parallel()
	kafka := fauxkatest.Run(t, fauxka.WithTopics("orders"))
	lost := kafka.Fault(fauxka.Rule{
		API: fauxka.Produce, Topic: "orders", Nth: 1,
		AfterApply: fauxka.Disconnect, Expect: fauxka.Times(1),
	})

	config := sarama.NewConfig()
	config.Version = sarama.V3_6_0_0
	config.Producer.Idempotent = true
	config.Producer.RequiredAcks = sarama.WaitForAll
	config.Producer.Return.Successes = true
	config.Net.MaxOpenRequests = 1
	producer, err := sarama.NewSyncProducer(kafka.Brokers(), config)
	if err != nil {
		t.Fatal(err)
	}
	defer producer.Close()
	order := &sarama.ProducerMessage{Topic: "orders", Value: sarama.StringEncoder("order-1")}
	if _, _, err := producer.SendMessage(order); err != nil {
		t.Fatal(err)
	}

	lost.Wait()
	if orders := kafka.Values("orders"); !slices.Equal(orders, []string{"order-1"}) {
		t.Errorf("the orders are %q", orders)
	}
}
