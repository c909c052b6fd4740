package main

import (
	"context"
	"errors"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
)

// The errors of a producer and of a consumer in a group.
func denied(ctx context.Context, told told) ([]string, error) {
	options, err := told.options()
	if err != nil {
		return nil, err
	}
	producer, err := kgo.NewClient(append(options, kgo.DisableIdempotentWrite())...)
	if err != nil {
		return nil, err
	}
	defer producer.Close()
	produced := producer.ProduceSync(ctx, &kgo.Record{Topic: told.topic, Value: []byte("denied")}).FirstErr()
	consumer, err := kgo.NewClient(append(options, kgo.ConsumerGroup("shipping"), kgo.ConsumeTopics(told.topic))...)
	if err != nil {
		return nil, err
	}
	defer consumer.Close()
	return []string{name(produced), name(consumer.PollFetches(ctx).Err())}, nil
}

func name(err error) string {
	var known *kerr.Error
	if errors.As(err, &known) {
		return known.Message
	}
	return "another"
}
