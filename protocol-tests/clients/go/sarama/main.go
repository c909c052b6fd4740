// sarama under the contract of ../../README.md.
package main

import (
	"context"

	"fauxka/clients/contract"

	"github.com/IBM/sarama"
)

func main() { contract.Transactional(trip, belong, start, read) }

func trip(ctx context.Context, bootstrap, topic, codec string, lines [][]byte) ([][]byte, error) {
	config := sarama.NewConfig()
	config.Producer.Return.Successes = true
	if err := config.Producer.Compression.UnmarshalText([]byte(codec)); err != nil {
		return nil, err
	}
	client, err := sarama.NewClient([]string{bootstrap}, config)
	if err != nil {
		return nil, err
	}
	defer client.Close()
	if err := create(client, topic); err != nil {
		return nil, err
	}
	if err := produce(client, topic, lines); err != nil {
		return nil, err
	}
	return consume(ctx, client, topic)
}

func create(client sarama.Client, topic string) error {
	admin, err := sarama.NewClusterAdminFromClient(client)
	if err != nil {
		return err
	}
	// The admin is not closed: that would close the client it was made from.
	return admin.CreateTopic(topic, &sarama.TopicDetail{NumPartitions: 1, ReplicationFactor: -1}, false)
}

func produce(client sarama.Client, topic string, lines [][]byte) error {
	producer, err := sarama.NewAsyncProducerFromClient(client)
	if err != nil {
		return err
	}
	go func() {
		for _, line := range lines {
			producer.Input() <- &sarama.ProducerMessage{Topic: topic, Value: sarama.ByteEncoder(line)}
		}
	}()
	for range lines {
		select {
		case <-producer.Successes():
		case failed := <-producer.Errors():
			return failed
		}
	}
	return producer.Close()
}

func consume(ctx context.Context, client sarama.Client, topic string) ([][]byte, error) {
	end, err := client.GetOffset(topic, 0, sarama.OffsetNewest)
	if err != nil {
		return nil, err
	}
	consumer, err := sarama.NewConsumerFromClient(client)
	if err != nil {
		return nil, err
	}
	defer consumer.Close()
	partition, err := consumer.ConsumePartition(topic, 0, sarama.OffsetOldest)
	if err != nil {
		return nil, err
	}
	defer partition.Close()
	var values [][]byte
	for next := int64(0); next < end; {
		select {
		case message := <-partition.Messages():
			values = append(values, message.Value)
			next = message.Offset + 1
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
	return values, nil
}
