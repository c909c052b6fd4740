package main

import (
	"context"
	"errors"

	"fauxka/clients/contract"

	"github.com/IBM/sarama"
)

type session struct {
	contract.Member
	producer sarama.SyncProducer
	group    *member
}

func start(_ context.Context, member contract.Member) (contract.Session, error) {
	config := sarama.NewConfig()
	config.Version = sarama.MaxVersion
	config.Producer.Return.Successes = true
	// What a transactional producer demands.
	config.Producer.Idempotent = true
	config.Producer.RequiredAcks = sarama.WaitForAll
	config.Net.MaxOpenRequests = 1
	config.Producer.Transaction.ID = member.TransactionalID
	producer, err := sarama.NewSyncProducer([]string{member.Bootstrap}, config)
	return &session{Member: member, producer: producer}, err
}

func (s *session) Begin() error { return s.producer.BeginTxn() }

func (s *session) Produce(_ context.Context, values []string) error {
	var messages []*sarama.ProducerMessage
	for _, value := range values {
		messages = append(messages, &sarama.ProducerMessage{Topic: s.Output, Value: sarama.StringEncoder(value)})
	}
	err := s.producer.SendMessages(messages)
	var failed sarama.ProducerErrors
	if errors.As(err, &failed) {
		return failed[0].Err
	}
	return err
}

// SendOffset notes the offset: the producer sends it when it commits.
func (s *session) SendOffset(offset int64) error {
	metadata := sarama.NewConsumerGroupMetadata(s.Group)
	if s.group != nil {
		metadata = sarama.NewConsumerGroupMetadataFromSession(s.group.session, s.Group, nil)
	}
	offsets := map[string][]*sarama.PartitionOffsetMetadata{s.Input: {{Partition: 0, Offset: offset}}}
	return s.producer.AddOffsetsToTxnWithGroupMetadata(offsets, metadata)
}

func (s *session) End(_ context.Context, commit bool) error {
	if commit {
		return s.producer.CommitTxn()
	}
	return s.producer.AbortTxn()
}

// Consume joins the group at its first call.
func (s *session) Consume(ctx context.Context, first, count int) ([]string, error) {
	if s.group == nil {
		group, err := join(ctx, s.Member)
		if err != nil {
			return nil, err
		}
		s.group = group
	}
	return s.group.consume(ctx, int64(first), count)
}

func (s *session) Leave() {
	if s.group != nil {
		s.group.leave()
	}
}

// member is a member of the group: what it has consumed, by offset.
type member struct {
	group    sarama.ConsumerGroup
	session  sarama.ConsumerGroupSession
	messages chan *sarama.ConsumerMessage
	ended    chan struct{}
	stop     context.CancelFunc
	consumed map[int64]string
}

func join(ctx context.Context, of contract.Member) (*member, error) {
	config := sarama.NewConfig()
	config.Version = sarama.MaxVersion
	config.Consumer.Offsets.Initial = sarama.OffsetOldest
	config.Consumer.Offsets.AutoCommit.Enable = false
	config.Consumer.IsolationLevel = sarama.ReadCommitted
	config.Consumer.Group.Session.Timeout = of.Session
	group, err := sarama.NewConsumerGroup([]string{of.Bootstrap}, of.Group, config)
	if err != nil {
		return nil, err
	}
	ctx, stop := context.WithCancel(ctx)
	m := &member{group: group, messages: make(chan *sarama.ConsumerMessage), ended: make(chan struct{}), stop: stop,
		consumed: map[int64]string{}}
	go func() {
		defer close(m.ended)
		_ = group.Consume(ctx, []string{of.Input}, m)
	}()
	return m, nil
}

func (m *member) Setup(session sarama.ConsumerGroupSession) error {
	m.session = session
	return nil
}

func (*member) Cleanup(sarama.ConsumerGroupSession) error { return nil }

func (m *member) ConsumeClaim(session sarama.ConsumerGroupSession, claim sarama.ConsumerGroupClaim) error {
	for message := range claim.Messages() {
		select {
		case m.messages <- message:
		case <-session.Context().Done():
			return nil
		}
	}
	return nil
}

func (m *member) consume(ctx context.Context, first int64, count int) ([]string, error) {
	var values []string
	for offset := first; offset < first+int64(count); offset++ {
		for _, there := m.consumed[offset]; !there; _, there = m.consumed[offset] {
			select {
			case message := <-m.messages:
				m.consumed[message.Offset] = string(message.Value)
			case <-ctx.Done():
				return nil, ctx.Err()
			}
		}
		values = append(values, m.consumed[offset])
	}
	return values, nil
}

func (m *member) leave() {
	m.stop()
	<-m.ended
	_ = m.group.Close()
}

func read(ctx context.Context, bootstrap, topic string, committed bool, isLast func(string) bool) error {
	config := sarama.NewConfig()
	if committed {
		config.Consumer.IsolationLevel = sarama.ReadCommitted
	}
	consumer, err := sarama.NewConsumer([]string{bootstrap}, config)
	if err != nil {
		return err
	}
	defer consumer.Close()
	partition, err := consumer.ConsumePartition(topic, 0, sarama.OffsetOldest)
	if err != nil {
		return err
	}
	defer partition.Close()
	for {
		select {
		case message := <-partition.Messages():
			if isLast(string(message.Value)) {
				return nil
			}
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}
