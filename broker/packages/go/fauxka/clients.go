package fauxka

import "time"

// Settings that spare your tests seconds of waiting after a fault. With them a client asks more often, and decides nothing
// else than it would without them.
const (
	// MetadataAge is for franz-go's kgo.MetadataMinAge, which is some seconds by default: for so long the client does not ask
	// again who leads a partition.
	MetadataAge = 100 * time.Millisecond
	// HeartbeatInterval is for kgo.HeartbeatInterval, sarama's Consumer.Group.Heartbeat.Interval, and the HeartbeatInterval of
	// kafka-go's ReaderConfig, which are 3 seconds by default: a member hears of a rebalance at its next heartbeat.
	HeartbeatInterval = 200 * time.Millisecond
)

// ConfluentProducer is settings for producers and admin clients of confluent-kafka-go: the bootstrap servers.
//
//	for name, value := range kafka.ConfluentProducer() {
//		config.SetKey(name, value)
//	}
func (cluster *Cluster) ConfluentProducer() map[string]any {
	return map[string]any{"bootstrap.servers": cluster.Bootstrap()}
}

// ConfluentConsumer is settings for consumers of confluent-kafka-go: the bootstrap servers, and HeartbeatInterval.
func (cluster *Cluster) ConfluentConsumer() map[string]any {
	return map[string]any{"bootstrap.servers": cluster.Bootstrap(), "heartbeat.interval.ms": int(HeartbeatInterval.Milliseconds())}
}
