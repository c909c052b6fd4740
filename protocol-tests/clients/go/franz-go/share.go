package main

import (
	"bytes"
	"context"
	"errors"
	"log"
	"strings"
	"time"

	"fauxka/clients/contract"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
)

const renewEvery = 300 * time.Millisecond

func share(member *contract.ShareMember) error {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	go func() {
		<-member.Leaving
		cancel()
	}()
	client, err := kgo.NewClient(
		kgo.SeedBrokers(strings.Split(member.Bootstrap, ",")...), kgo.ClientID(member.Name), kgo.ShareGroup(member.Group), kgo.ConsumeTopics(member.Topic),
		kgo.ShareAckCallback(func(_ *kgo.Client, results kgo.ShareAckResults) {
			for _, result := range results {
				member.Acknowledged(result.Partition, answered(result.Err))
			}
		}),
	)
	if err != nil {
		return err
	}
	for ctx.Err() == nil {
		fetches := client.PollFetches(ctx)
		fetches.EachError(func(_ string, partition int32, err error) {
			if ctx.Err() == nil {
				log.Printf("%s: partition %d: %v", member.Name, partition, err)
			}
		})
		take(client, member, fetches.Records())
	}
	client.Close()
	return nil
}

func answered(err error) string {
	var refused *kerr.Error
	switch {
	case err == nil:
		return "NONE"
	case errors.As(err, &refused):
		return refused.Message
	default:
		return err.Error()
	}
}

func take(client *kgo.Client, member *contract.ShareMember, records []*kgo.Record) {
	for _, record := range records {
		member.Got(record.Partition, record.Offset, record.DeliveryCount(), record.Value)
	}
	if len(records) == 0 || member.Mode == "implicit" {
		return
	}
	if member.Mode == "hold" {
		<-member.Finishing
	}
	for member.Mode == "renew" && !isFinished(member) {
		acknowledge(client, records, func(*kgo.Record) kgo.AckStatus { return kgo.AckRenew })
	}
	acknowledge(client, records, verdict)
}

// isFinished tells whether the runner wants the acknowledgement, after a while.
func isFinished(member *contract.ShareMember) bool {
	select {
	case <-member.Finishing:
		return true
	case <-time.After(renewEvery):
		return false
	}
}

func acknowledge(client *kgo.Client, records []*kgo.Record, verdict func(*kgo.Record) kgo.AckStatus) {
	for _, record := range records {
		record.Ack(verdict(record))
	}
	if err := client.FlushAcks(context.Background()); err != nil {
		log.Print("flush: ", err)
	}
}

// verdict is what a record's value asks for.
func verdict(record *kgo.Record) kgo.AckStatus {
	switch {
	case bytes.HasPrefix(record.Value, []byte("reject")):
		return kgo.AckReject
	case bytes.HasPrefix(record.Value, []byte("release")) && record.DeliveryCount() == 1:
		return kgo.AckRelease
	default:
		return kgo.AckAccept
	}
}
