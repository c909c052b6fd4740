// franz-go in the soak, under its contract in ../../README.md.
package main

import (
	"bufio"
	"context"
	"errors"
	"flag"
	"fmt"
	"log"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
)

const (
	abortsEvery = 7
	pollFor     = 100 * time.Millisecond
)

type options struct {
	bootstrap, name, topic, idempotent, input, output, group, transactionalID, mode string
	keys, pauseMillis, padding, sessionMillis, transactionMillis                    int
}

func main() {
	log.SetFlags(log.Lmicroseconds)
	o := parsed(os.Args[2:])
	told := listen()
	switch os.Args[1] {
	case "load":
		check(load(o, told))
	case "copy":
		for !told.stopping() {
			if err := copyUntilSomethingFails(o, told); err != nil {
				say("AGAIN %v", err)
			}
		}
	default:
		log.Fatal("usage: load|copy, see README.md")
	}
	say("DONE")
}

func parsed(arguments []string) options {
	var o options
	flags := flag.NewFlagSet("soak", flag.ExitOnError)
	for name, value := range map[string]*string{
		"bootstrap": &o.bootstrap, "name": &o.name, "topic": &o.topic, "idempotent": &o.idempotent, "input": &o.input,
		"output": &o.output, "group": &o.group, "transactional-id": &o.transactionalID, "mode": &o.mode,
	} {
		flags.StringVar(value, name, "", "")
	}
	for name, value := range map[string]*int{
		"keys": &o.keys, "pause-ms": &o.pauseMillis, "padding": &o.padding, "session-ms": &o.sessionMillis,
		"transaction-ms": &o.transactionMillis,
	} {
		flags.IntVar(value, name, 0, "")
	}
	_ = flags.Parse(arguments)
	return o
}

func (o options) common() []kgo.Opt {
	return []kgo.Opt{kgo.SeedBrokers(strings.Split(o.bootstrap, ",")...), kgo.ClientID(o.name)}
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}

// Each line is one write.
func say(format string, words ...any) {
	_, _ = os.Stdout.WriteString(fmt.Sprintf(format, words...) + "\n")
}

// What the runner says on standard input, whose end stops the program.
type told struct{ pauses, stops atomic.Bool }

func listen() *told {
	told := &told{}
	go func() {
		lines := bufio.NewScanner(os.Stdin)
		for lines.Scan() {
			told.pauses.Store(lines.Text() == "PAUSE")
			if lines.Text() == "STOP" {
				break
			}
		}
		told.stops.Store(true)
	}()
	return told
}

func (t *told) stopping() bool { return t.stops.Load() }

func (t *told) pausing() bool { return t.pauses.Load() && !t.stopping() }

// Says so, and waits for as long as the program is to pause.
func (t *told) pause() {
	say("PAUSED")
	for t.pausing() {
		time.Sleep(pollFor / 2)
	}
}

func load(o options, told *told) error {
	opts := o.common()
	if o.idempotent != "true" {
		opts = append(opts, kgo.DisableIdempotentWrite())
	}
	client, err := kgo.NewClient(opts...)
	if err != nil {
		return err
	}
	defer client.Close()
	ctx, padding := context.Background(), strings.Repeat(".", o.padding)
	for sent := 0; !told.stopping(); sent++ {
		if told.pausing() {
			if err := client.Flush(ctx); err != nil {
				return err
			}
			told.pause()
		}
		key := fmt.Sprintf("%s/%d", o.name, sent%o.keys)
		record := fmt.Sprintf("%s/%d", key, sent/o.keys)
		client.Produce(ctx, &kgo.Record{Topic: o.topic, Key: []byte(key), Value: []byte(record + "/" + padding)},
			func(stored *kgo.Record, err error) {
				if err != nil {
					say("FAILED %s %v", record, err)
				} else {
					say("ACK %s %d %d", record, stored.Partition, stored.Offset)
				}
			})
		time.Sleep(time.Duration(o.pauseMillis) * time.Millisecond)
	}
	return client.Flush(ctx)
}

func (o options) session() (*kgo.GroupTransactSession, error) {
	opts := append(o.common(), kgo.TransactionalID(o.transactionalID), kgo.ConsumerGroup(o.group), kgo.ConsumeTopics(o.input),
		kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()), kgo.FetchIsolationLevel(kgo.ReadCommitted()),
		kgo.TransactionTimeout(time.Duration(o.transactionMillis)*time.Millisecond),
		kgo.SessionTimeout(time.Duration(o.sessionMillis)*time.Millisecond), kgo.RecordPartitioner(kgo.ManualPartitioner()),
		kgo.Balancers(kgo.RangeBalancer()), kgo.WithLogger(kgo.BasicLogger(os.Stderr, kgo.LogLevelWarn, nil)))
	if o.mode == "consumer" {
		opts = append(opts, kgo.ServerSideBalancer())
	}
	return kgo.NewGroupTransactSession(opts...)
}

func copyUntilSomethingFails(o options, told *told) error {
	session, err := o.session()
	if err != nil {
		return err
	}
	defer session.Close()
	for transactions := 1; !told.stopping(); {
		if told.pausing() {
			told.pause()
		}
		ctx, cancel := context.WithTimeout(context.Background(), pollFor)
		fetches := session.PollFetches(ctx)
		cancel()
		fetches.EachError(func(_ string, partition int32, err error) {
			if !errors.Is(err, context.DeadlineExceeded) {
				log.Printf("partition %d: %v", partition, err)
			}
		})
		if records := fetches.Records(); len(records) > 0 && !told.stopping() {
			if err := o.transact(session, records, transactions%abortsEvery == 0); err != nil {
				return err
			}
			transactions++
			time.Sleep(time.Duration(o.pauseMillis) * time.Millisecond)
		}
	}
	return nil
}

func (o options) transact(session *kgo.GroupTransactSession, records []*kgo.Record, aborts bool) error {
	if err := session.Begin(); err != nil {
		return err
	}
	var failed sync.Map
	for _, record := range records {
		value := fmt.Sprintf("%d/%d", record.Partition, record.Offset)
		if aborts {
			value = "aborted/" + value
		}
		copied := &kgo.Record{Topic: o.output, Partition: record.Partition, Value: []byte(value)}
		session.Produce(context.Background(), copied, func(_ *kgo.Record, err error) {
			if err != nil {
				failed.Store("", err)
			}
		})
	}
	if err := session.Client().Flush(context.Background()); err != nil {
		return err
	}
	_, hasFailed := failed.Load("")
	// It goes back to what is committed when it aborts, as it does when its group was rebalanced meanwhile.
	committed, err := session.End(context.Background(), kgo.TransactionEndTry(!aborts && !hasFailed))
	if err != nil {
		return err
	}
	if committed {
		say("COMMITTED %d", len(records))
	} else {
		say("ABORTED %d", len(records))
	}
	return nil
}
