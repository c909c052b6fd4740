package main

import (
	"context"
	"log"

	"fauxka/clients/contract"

	"github.com/IBM/sarama"
)

type handler struct{ contract.Group }

func (handler) Setup(sarama.ConsumerGroupSession) error   { return nil }
func (handler) Cleanup(sarama.ConsumerGroupSession) error { return nil }

// ConsumeClaim runs for as long as the member owns the partition.
func (h handler) ConsumeClaim(session sarama.ConsumerGroupSession, claim sarama.ConsumerGroupClaim) error {
	h.Gained([]int32{claim.Partition()})
	defer h.Lost([]int32{claim.Partition()})
	for {
		select {
		case message, open := <-claim.Messages():
			if !open {
				return nil
			}
			h.Got(message.Partition, message.Offset, message.Value)
			session.MarkMessage(message, "")
		case <-session.Context().Done():
			return nil
		}
	}
}

func belong(ctx context.Context, group contract.Group) error {
	config := sarama.NewConfig()
	config.Version = sarama.MaxVersion
	config.ClientID = group.Member
	config.Consumer.Offsets.Initial = sarama.OffsetOldest
	config.Consumer.Group.Session.Timeout = group.Session
	config.Consumer.Group.InstanceId = group.Instance
	if group.Mode == "cooperative-sticky" {
		config.Consumer.Group.Rebalance.GroupStrategies = []sarama.BalanceStrategy{sarama.NewBalanceStrategyCooperativeSticky()}
	}
	consumer, err := sarama.NewConsumerGroup([]string{group.Bootstrap}, group.Group, config)
	if err != nil {
		return err
	}
	for ctx.Err() == nil {
		if err := consumer.Consume(ctx, []string{group.Topic}, handler{group}); err != nil && ctx.Err() == nil {
			log.Print("consume: ", err)
		}
	}
	return consumer.Close()
}
