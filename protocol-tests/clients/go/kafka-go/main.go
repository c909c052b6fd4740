// segmentio/kafka-go under the contract of ../../README.md.
package main

import (
	"context"
	"time"

	"fauxka/clients/contract"

	"github.com/segmentio/kafka-go"
)

var codecs = map[string]kafka.Compression{
	"none":   0,
	"gzip":   kafka.Gzip,
	"snappy": kafka.Snappy,
	"lz4":    kafka.Lz4,
	"zstd":   kafka.Zstd,
}

func main() { contract.Main(trip, belong) }

func trip(ctx context.Context, bootstrap, topic, codec string, lines [][]byte) ([][]byte, error) {
	if err := create(ctx, bootstrap, topic); err != nil {
		return nil, err
	}
	if err := produce(ctx, bootstrap, topic, codecs[codec], lines); err != nil {
		return nil, err
	}
	return consume(ctx, bootstrap, topic)
}

func create(ctx context.Context, bootstrap, topic string) error {
	client := kafka.Client{Addr: kafka.TCP(bootstrap)}
	answer, err := client.CreateTopics(ctx, &kafka.CreateTopicsRequest{
		Topics: []kafka.TopicConfig{{Topic: topic, NumPartitions: 1, ReplicationFactor: 1}},
	})
	if err != nil {
		return err
	}
	return answer.Errors[topic]
}

func produce(ctx context.Context, bootstrap, topic string, codec kafka.Compression, lines [][]byte) error {
	// The default is acks=0 over a pool of connections, which keeps no order.
	writer := kafka.Writer{Addr: kafka.TCP(bootstrap), Topic: topic, Compression: codec, RequiredAcks: kafka.RequireAll}
	messages := make([]kafka.Message, len(lines))
	for i, line := range lines {
		messages[i] = kafka.Message{Value: line}
	}
	if err := writer.WriteMessages(ctx, messages...); err != nil {
		return err
	}
	return writer.Close()
}

func consume(ctx context.Context, bootstrap, topic string) ([][]byte, error) {
	conn, err := kafka.DialLeader(ctx, "tcp", bootstrap, topic, 0)
	if err != nil {
		return nil, err
	}
	end, err := conn.ReadLastOffset()
	if err != nil {
		return nil, err
	}
	if err := conn.Close(); err != nil {
		return nil, err
	}
	// Close waits for the poll that is under way, by default up to ten seconds.
	config := kafka.ReaderConfig{Brokers: []string{bootstrap}, Topic: topic, Partition: 0, MaxWait: 250 * time.Millisecond}
	reader := kafka.NewReader(config)
	defer reader.Close()
	var values [][]byte
	for next := int64(0); next < end; {
		message, err := reader.ReadMessage(ctx)
		if err != nil {
			return nil, err
		}
		values = append(values, message.Value)
		next = message.Offset + 1
	}
	return values, nil
}
