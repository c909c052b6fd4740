package main

import (
	"context"
	"errors"
	"log"
	"os"
	"sync"

	"fauxka/clients/contract"

	"github.com/twmb/franz-go/pkg/kgo"
)

type session struct {
	*kgo.GroupTransactSession
	output string
}

func start(ctx context.Context, member contract.Member) (contract.Session, error) {
	assigned, assignedOnce := make(chan struct{}), sync.Once{}
	options := []kgo.Opt{
		kgo.SeedBrokers(member.Bootstrap), kgo.TransactionalID(member.TransactionalID), kgo.ConsumerGroup(member.Group),
		kgo.ConsumeTopics(member.Input), kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()), kgo.SessionTimeout(member.Session),
		kgo.FetchIsolationLevel(kgo.ReadCommitted()), kgo.WithLogger(kgo.BasicLogger(os.Stderr, kgo.LogLevelInfo, nil)),
		kgo.OnPartitionsAssigned(func(_ context.Context, _ *kgo.Client, partitions map[string][]int32) {
			if len(partitions) > 0 {
				assignedOnce.Do(func() { close(assigned) })
			}
		}),
	}
	if member.GroupProtocol == "consumer" {
		options = append(options, kgo.Balancers(kgo.RangeBalancer()), kgo.ServerSideBalancer())
	}
	group, err := kgo.NewGroupTransactSession(options...)
	if err != nil {
		return nil, err
	}
	// It would get its producer id when it first produces.
	if _, _, err = group.Client().ProducerID(ctx); err != nil {
		return nil, err
	}
	select {
	case <-assigned:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	// A transaction aborts when the group was lost before its end, even before its begin, as while the first coordinator starts.
	started := session{group, member.Output}
	if err := started.Begin(); err != nil {
		return nil, err
	}
	return started, started.End(ctx, false)
}

// Consume polls: after an abort the session starts again from what is committed.
func (s session) Consume(ctx context.Context, _, count int) ([]string, error) {
	var values []string
	for len(values) < count {
		fetches := s.PollRecords(ctx, count-len(values))
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		// Those of a coordinator that starts are among them.
		fetches.EachError(func(_ string, _ int32, err error) { log.Print(err) })
		fetches.EachRecord(func(record *kgo.Record) { values = append(values, string(record.Value)) })
	}
	return values, nil
}

func (s session) Produce(ctx context.Context, values []string) error {
	var records []*kgo.Record
	for _, value := range values {
		records = append(records, &kgo.Record{Topic: s.output, Value: []byte(value)})
	}
	return s.ProduceSync(ctx, records...).FirstErr()
}

// SendOffset does nothing: the session sends what was polled when it commits.
func (session) SendOffset(int64) error { return nil }

func (s session) End(ctx context.Context, commit bool) error {
	committed, err := s.GroupTransactSession.End(ctx, kgo.TransactionEndTry(commit))
	if err == nil && committed != commit {
		return errors.New("aborted")
	}
	return err
}

func (s session) Leave() { s.Close() }

func read(ctx context.Context, bootstrap, topic string, committed bool, isLast func(string) bool) error {
	level := kgo.ReadUncommitted()
	if committed {
		level = kgo.ReadCommitted()
	}
	start := map[string]map[int32]kgo.Offset{topic: {0: kgo.NewOffset().AtStart()}}
	client, err := kgo.NewClient(kgo.SeedBrokers(bootstrap), kgo.ConsumePartitions(start), kgo.FetchIsolationLevel(level))
	if err != nil {
		return err
	}
	defer client.Close()
	for done := false; !done; {
		fetches := client.PollFetches(ctx)
		if err := fetches.Err(); err != nil {
			return err
		}
		fetches.EachRecord(func(record *kgo.Record) { done = isLast(string(record.Value)) })
	}
	return nil
}
