package main

import (
	"context"
	"errors"
	"fmt"
	"log"
	"strings"

	"fauxka/clients/contract"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
)

func modes(group contract.Group) []kgo.Opt {
	switch group.Mode {
	case "cooperative-sticky":
		return []kgo.Opt{kgo.Balancers(kgo.CooperativeStickyBalancer())}
	case "consumer":
		return []kgo.Opt{kgo.Balancers(kgo.RangeBalancer()), kgo.ServerSideBalancer()}
	case "static":
		return []kgo.Opt{kgo.Balancers(kgo.RangeBalancer()), kgo.InstanceID(group.Instance)}
	default:
		return []kgo.Opt{kgo.Balancers(kgo.RangeBalancer())}
	}
}

func belong(ctx context.Context, group contract.Group) error {
	lost := func(_ context.Context, _ *kgo.Client, partitions map[string][]int32) {
		group.Lost(partitions[group.Topic])
	}
	client, err := kgo.NewClient(append(modes(group),
		kgo.SeedBrokers(strings.Split(group.Bootstrap, ",")...), kgo.ClientID(group.Member), kgo.ConsumerGroup(group.Group), kgo.ConsumeTopics(group.Topic),
		kgo.SessionTimeout(group.Session),
		// A rebalance waits until what was polled is printed, and commits it: without this the client would hand it out again.
		kgo.BlockRebalanceOnPoll(),
		kgo.OnPartitionsAssigned(func(_ context.Context, _ *kgo.Client, partitions map[string][]int32) {
			group.Gained(partitions[group.Topic])
		}),
		kgo.OnPartitionsRevoked(func(_ context.Context, client *kgo.Client, partitions map[string][]int32) {
			if err := client.CommitUncommittedOffsets(context.Background()); err != nil {
				log.Print("commit: ", err)
			}
			lost(nil, client, partitions)
		}),
		kgo.OnPartitionsLost(lost),
	)...)
	if err != nil {
		return err
	}
	for ctx.Err() == nil {
		fetches := client.PollFetches(ctx)
		isNewTopic := false
		fetches.EachError(func(_ string, partition int32, err error) {
			isNewTopic = isNewTopic || errors.Is(err, kerr.UnknownTopicID) || errors.Is(err, kerr.UnknownMemberID)
			if ctx.Err() == nil {
				log.Print(fmt.Sprintf("partition %d: ", partition), err)
			}
		})
		fetches.EachRecord(func(record *kgo.Record) { group.Got(record.Partition, record.Offset, record.Value) })
		client.AllowRebalance()
		if isNewTopic {
			// The client reads the first topic of a name alone: its README says to do this where a topic is made again.
			client.PurgeTopicsFromClient(group.Topic)
			client.AddConsumeTopics(group.Topic)
		}
	}
	client.CloseAllowingRebalance()
	return nil
}
