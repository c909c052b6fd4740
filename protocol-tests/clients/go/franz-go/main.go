// franz-go under the contract of ../../README.md.
package main

import (
	"context"

	"fauxka/clients/contract"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"
)

var codecs = map[string]kgo.CompressionCodec{
	"none":   kgo.NoCompression(),
	"gzip":   kgo.GzipCompression(),
	"snappy": kgo.SnappyCompression(),
	"lz4":    kgo.Lz4Compression(),
	"zstd":   kgo.ZstdCompression(),
}

func main() {
	if !contract.Sharing(share) {
		contract.Transactional(trip, belong, start, read)
	}
}

func trip(ctx context.Context, bootstrap, topic, codec string, lines [][]byte) ([][]byte, error) {
	client, err := kgo.NewClient(kgo.SeedBrokers(bootstrap), kgo.ProducerBatchCompression(codecs[codec]))
	if err != nil {
		return nil, err
	}
	defer client.Close()
	admin := kadm.NewClient(client)
	if _, err := admin.CreateTopic(ctx, 1, -1, nil, topic); err != nil {
		return nil, err
	}
	if err := produce(ctx, client, topic, lines); err != nil {
		return nil, err
	}
	ends, err := admin.ListEndOffsets(ctx, topic)
	if err != nil {
		return nil, err
	}
	end, _ := ends.Lookup(topic, 0)
	return consume(ctx, bootstrap, topic, end.Offset)
}

func produce(ctx context.Context, client *kgo.Client, topic string, lines [][]byte) error {
	var first kgo.FirstErrPromise
	for _, line := range lines {
		client.Produce(ctx, &kgo.Record{Topic: topic, Value: line}, first.Promise())
	}
	return first.Err()
}

func consume(ctx context.Context, bootstrap, topic string, end int64) ([][]byte, error) {
	start := map[string]map[int32]kgo.Offset{topic: {0: kgo.NewOffset().AtStart()}}
	client, err := kgo.NewClient(kgo.SeedBrokers(bootstrap), kgo.ConsumePartitions(start))
	if err != nil {
		return nil, err
	}
	defer client.Close()
	var values [][]byte
	for next := int64(0); next < end; {
		fetches := client.PollFetches(ctx)
		if err := fetches.Err(); err != nil {
			return nil, err
		}
		fetches.EachRecord(func(record *kgo.Record) {
			values = append(values, record.Value)
			next = record.Offset + 1
		})
	}
	return values, nil
}
