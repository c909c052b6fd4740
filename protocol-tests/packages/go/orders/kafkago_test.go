package orders

import (
	"testing"
	"time"

	"github.com/fauxka/fauxka/broker/packages/go/fauxka"
	"github.com/fauxka/fauxka/broker/packages/go/fauxkatest"
	"github.com/segmentio/kafka-go"
)

// A commit is refused once, and kafka-go's reader commits again.
func TestCommitIsTriedAgainByKafkaGo(t *testing.T) {
	t.Parallel()
	cluster := fauxkatest.Run(t, fauxka.WithTopics("orders"))
	cluster.Produce("orders", fauxka.NewRecord{Key: fauxka.Text("customer-42"), Value: fauxka.Text("order-1")})
	cluster.Fault(fauxka.Rule{
		API: fauxka.OffsetCommit, Group: "billing", Count: 1,
		BeforeApply: fauxka.FailWith(fauxka.RequestTimedOut), Expect: fauxka.Times(1),
	})

	reader := kafka.NewReader(kafka.ReaderConfig{
		Brokers: cluster.Brokers(), GroupID: "billing", Topic: "orders", HeartbeatInterval: fauxka.HeartbeatInterval,
		MaxWait: 100 * time.Millisecond,
	})
	defer reader.Close()
	order, err := reader.FetchMessage(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if err := reader.CommitMessages(t.Context(), order); err != nil {
		t.Fatal(err)
	}

	if offsets := cluster.Group("billing").View().Offsets; len(offsets) != 1 || offsets[0].Offset != 1 {
		t.Errorf("the offsets are %+v", offsets)
	}
}
