package orders

import (
	"errors"
	"testing"

	"github.com/fauxka/fauxka/broker/packages/go/fauxka"
	"github.com/fauxka/fauxka/broker/packages/go/fauxkatest"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
)

// begin begins a transaction of payments, and writes a payment.
func begin(t *testing.T, kafka *fauxkatest.Cluster, payment string) *kgo.Client {
	t.Helper()
	client, err := kgo.NewClient(kgo.SeedBrokers(kafka.Brokers()...), kgo.TransactionalID("payments"),
		kgo.MetadataMinAge(fauxka.MetadataAge))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(client.Close)
	if err := client.BeginTransaction(); err != nil {
		t.Fatal(err)
	}
	record := &kgo.Record{Topic: "payments", Value: []byte(payment)}
	if err := client.ProduceSync(t.Context(), record).FirstErr(); err != nil {
		t.Fatal(err)
	}
	return client
}

// A second process takes over a transactional id. What the first one has begun must not be committed.
func TestZombieIsFenced(t *testing.T) {
	t.Parallel()
	kafka := fauxkatest.Run(t, fauxka.WithTopics("payments"))
	zombie := begin(t, kafka, "payment-1")
	successor := begin(t, kafka, "payment-2")

	err := zombie.EndTransaction(t.Context(), kgo.TryCommit)
	if !errors.Is(err, kerr.ProducerFenced) && !errors.Is(err, kerr.InvalidProducerEpoch) {
		t.Errorf("the zombie's commit ends with %v", err)
	}
	if err := successor.EndTransaction(t.Context(), kgo.TryCommit); err != nil {
		t.Error(err)
	}

	kafka.Journal.Expect(fauxka.JournalWait{API: fauxka.EndTxn, Failed: true})
	fates := map[string]fauxka.Fate{}
	for _, record := range kafka.Records("payments") {
		fates[record.Value.String()] = record.Transaction
	}
	if fates["payment-1"] != fauxka.FateAborted || fates["payment-2"] != fauxka.FateCommitted {
		t.Errorf("the payments are %v", fates)
	}
}
