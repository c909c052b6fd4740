package fauxkatest

import (
	"context"

	"github.com/fauxka/fauxka/broker/packages/go/fauxka"
)

// CreateTopic creates a topic. Clients see it at once.
func (cluster *Cluster) CreateTopic(topic fauxka.NewTopic) *fauxka.TopicView {
	cluster.t.Helper()
	return get(cluster, func(ctx context.Context) (*fauxka.TopicView, error) { return cluster.Control.CreateTopic(ctx, topic) })
}

// DeleteTopic deletes a topic.
func (cluster *Cluster) DeleteTopic(name string) {
	cluster.t.Helper()
	cluster.do(func(ctx context.Context) error { return cluster.Control.DeleteTopic(ctx, name) })
}

// Topics is all topics with their partitions, by name.
func (cluster *Cluster) Topics() []fauxka.TopicView {
	cluster.t.Helper()
	return get(cluster, cluster.Control.ListTopics)
}

// Topic is a topic with its partitions: leaders, offsets and producers.
func (cluster *Cluster) Topic(name string) *fauxka.TopicView {
	cluster.t.Helper()
	return get(cluster, func(ctx context.Context) (*fauxka.TopicView, error) { return cluster.Control.GetTopic(ctx, name) })
}

// Produce writes records to a topic, and returns where they are.
func (cluster *Cluster) Produce(topic string, records ...fauxka.NewRecord) []fauxka.RecordPlace {
	cluster.t.Helper()
	return get(cluster, func(ctx context.Context) (*fauxka.Produced, error) {
		return cluster.Control.ProduceRecords(ctx, topic, fauxka.NewRecords{Records: records})
	}).Records
}

// Records is what clients have written to a topic, by partition and offset: also records of transactions that are open or
// aborted, as Transaction of each says, and no transaction markers.
func (cluster *Cluster) Records(topic string) []fauxka.TopicRecord {
	cluster.t.Helper()
	return get(cluster, func(ctx context.Context) ([]fauxka.TopicRecord, error) { return cluster.Control.Records(ctx, topic) })
}

// Values is the values of these records, as text.
func (cluster *Cluster) Values(topic string) []string {
	cluster.t.Helper()
	values := []string{}
	for _, record := range cluster.Records(topic) {
		values = append(values, record.Value.String())
	}
	return values
}

// Snapshot keeps the cluster as it is, in memory, under a name.
func (cluster *Cluster) Snapshot(name string) *fauxka.SnapshotView {
	cluster.t.Helper()
	return get(cluster, func(ctx context.Context) (*fauxka.SnapshotView, error) {
		return cluster.Control.TakeSnapshot(ctx, name)
	})
}

// Restore makes the cluster what it was at a snapshot.
func (cluster *Cluster) Restore(name string) {
	cluster.t.Helper()
	cluster.do(func(ctx context.Context) error { return cluster.Control.RestoreSnapshot(ctx, name) })
}
