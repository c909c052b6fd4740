package main

import (
	"context"
	"fmt"
	"log"
	"regexp"
	"strconv"
	"strings"

	"fauxka/clients/contract"

	"github.com/segmentio/kafka-go"
)

var assigned = regexp.MustCompile(`partition:(\d+)`)

// ownership hears from the reader's log what it owns: its API does not say.
type ownership struct {
	contract.Group
	partitions []int32
}

func (o *ownership) Printf(format string, arguments ...any) {
	line := fmt.Sprintf(format, arguments...)
	switch {
	case strings.HasPrefix(line, "subscribed to topics and partitions"):
		for _, found := range assigned.FindAllStringSubmatch(line, -1) {
			partition, _ := strconv.ParseInt(found[1], 10, 32)
			o.partitions = append(o.partitions, int32(partition))
		}
		o.Gained(o.partitions)
	case strings.HasPrefix(line, "stopped commit for group"):
		o.Lost(o.partitions)
		o.partitions = nil
	}
}

func belong(ctx context.Context, group contract.Group) error {
	reader := kafka.NewReader(kafka.ReaderConfig{
		Brokers: []string{group.Bootstrap}, GroupID: group.Group, Topic: group.Topic, SessionTimeout: group.Session,
		StartOffset: kafka.FirstOffset, Logger: &ownership{Group: group},
		ErrorLogger: kafka.LoggerFunc(log.Printf),
	})
	for ctx.Err() == nil {
		message, err := reader.FetchMessage(ctx)
		if err != nil {
			break
		}
		group.Got(int32(message.Partition), message.Offset, message.Value)
		if err := reader.CommitMessages(context.Background(), message); err != nil {
			log.Print("commit: ", err)
		}
	}
	return reader.Close()
}
