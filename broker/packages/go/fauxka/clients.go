package fauxka

import "time"

// Settings that spare your tests seconds of waiting after a fault. They change how soon a client tries again, and neither
// what it sends nor how often it gives up.
const (
	// MetadataAge is for franz-go's kgo.MetadataMinAge, which is some seconds by default: for so long it does not ask again who
	// leads a partition.
	MetadataAge = 100 * time.Millisecond
	// HeartbeatInterval is for kgo.HeartbeatInterval, sarama's Consumer.Group.Heartbeat.Interval and kafka-go's
	// ReaderConfig.HeartbeatInterval, which are 3 seconds by default: a member hears of a rebalance at its next heartbeat.
	HeartbeatInterval = 200 * time.Millisecond
)

// Librdkafka is settings for clients that are built on librdkafka, such as confluent-kafka-go:
//
//	config := kafka.ConfigMap{"group.id": "billing"}
//	for name, value := range cluster.Librdkafka() {
//		config[name] = value
//	}
//
// It has the bootstrap servers, and for consumers how soon they hear of a rebalance. Producers warn that heartbeat.interval.ms
// is not for them, and go on: LibrdkafkaProducer spares you that.
func (cluster *Cluster) Librdkafka() map[string]string {
	return map[string]string{"bootstrap.servers": cluster.Bootstrap(), "heartbeat.interval.ms": "200"}
}
