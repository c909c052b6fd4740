package pages

import (
	"errors"
	"testing"

	"github.com/fauxka/fauxka/broker/packages/go/fauxka"
	"github.com/fauxka/fauxka/broker/packages/go/fauxkatest"
)

func TestState(t *testing.T) {
	kafka := fauxkatest.Run(t, fauxka.WithNodes(2), fauxka.WithTopics("orders:2"))
	kafka.CreateTopic(fauxka.NewTopic{Name: "audit", Partitions: 3, Configs: map[string]string{"cleanup.policy": "compact"}})
	kafka.Produce("audit", fauxka.NewRecord{Key: fauxka.Text("a"), Value: fauxka.Text("1")}, fauxka.NewRecord{Key: fauxka.Text("a")})
	for _, record := range kafka.Records("audit") {
		t.Logf("audit-%d@%d: %s is %q, tombstone: %t", record.Partition, record.Offset, record.Key, record.Value, record.Value == nil)
	}

	kafka.Snapshot("before")
	kafka.Node(2).Stop()
	if leader := kafka.Topic("orders").Partitions[0].Leader; leader == nil || *leader != 1 {
		t.Errorf("the leader is %v", leader)
	}
	kafka.Node(2).Start()
	kafka.Restore("before")

	// What has no method here is one of Control's, with a context and an error.
	err := kafka.Control.MoveLeader(t.Context(), "orders", 7, fauxka.NewLeader{Node: 2})
	var refusal *fauxka.Refusal
	if !errors.As(err, &refusal) || refusal.Status != 404 {
		t.Errorf("it is not refused: %v", err)
	}
	kafka.Reset()
}
