package contract

import (
	"context"
	"flag"
	"fmt"
	"log"
	"os"
	"time"
)

const (
	block  = 10
	last   = "last"
	commit = "commit"
	abort  = "abort"
	open   = "open"
)

// The block of the input that a transaction copies, -1 for records of its own, and how it ends.
var transactions = []struct {
	block int
	end   string
}{{-1, commit}, {-1, abort}, {0, commit}, {1, abort}, {1, commit}, {2, abort}, {2, open}}

// Member is who produces in transactions and consumes in a group.
type Member struct {
	Bootstrap, Input, Output, Group, TransactionalID, GroupProtocol string
	Session                                                         time.Duration
}

// Session is a started member: its transactional id is its own.
type Session interface {
	Begin() error
	// Consume returns these records of the input, of which the first may be the next or one that was consumed before.
	Consume(ctx context.Context, first, count int) ([]string, error)
	// Produce returns when all is acknowledged.
	Produce(ctx context.Context, values []string) error
	// SendOffset sends the group's next offset for the input with the transaction, now or when it commits.
	SendOffset(offset int64) error
	End(ctx context.Context, commit bool) error
	// Leave leaves the group, if it has joined.
	Leave()
}

// Start starts the member's producer; it joins the group when it first consumes, or before.
type Start func(ctx context.Context, member Member) (Session, error)

// Read consumes all records until `isLast` says so.
type Read func(ctx context.Context, bootstrap, topic string, committed bool, isLast func(value string) bool) error

// Transactional runs the sub-commands of transactions, and leaves all others to Main.
func Transactional(trip Trip, belong Belong, start Start, read Read) {
	log.SetFlags(0)
	ctx, cancel := context.WithTimeout(context.Background(), Deadline)
	defer cancel()
	switch {
	case len(os.Args) > 1 && os.Args[1] == "transactions":
		check(transact(ctx, start, memberOf(os.Args[2:])))
	case len(os.Args) > 1 && os.Args[1] == "successor":
		check(succeed(ctx, start, memberOf(os.Args[2:])))
	case len(os.Args) > 1 && os.Args[1] == "read":
		check(readAll(ctx, read, os.Args[2:]))
	default:
		Main(trip, belong)
	}
}

func memberOf(arguments []string) Member {
	var member Member
	flags := flag.NewFlagSet("transactions", flag.ExitOnError)
	flags.StringVar(&member.Bootstrap, "bootstrap", "", "")
	flags.StringVar(&member.Input, "input", "", "")
	flags.StringVar(&member.Output, "output", "", "")
	flags.StringVar(&member.Group, "group", "", "")
	flags.StringVar(&member.TransactionalID, "transactional-id", "", "")
	flags.StringVar(&member.GroupProtocol, "group-protocol", "classic", "")
	session := flags.Int("session-ms", 0, "")
	_ = flags.Parse(arguments)
	member.Session = time.Duration(*session) * time.Millisecond
	return member
}

func readAll(ctx context.Context, read Read, arguments []string) error {
	flags := flag.NewFlagSet("read", flag.ExitOnError)
	bootstrap := flags.String("bootstrap", "", "")
	topic := flags.String("topic", "", "")
	isolation := flags.String("isolation", "", "")
	_ = flags.Parse(arguments)
	return read(ctx, *bootstrap, *topic, *isolation == "read_committed", func(value string) bool {
		fmt.Println(value)
		return value == last
	})
}

func numbered(number int, values []string) []string {
	var found []string
	for _, value := range values {
		found = append(found, fmt.Sprintf("%d:%s", number, value))
	}
	return found
}

func own(number int) []string {
	var values []string
	for at := range block {
		values = append(values, fmt.Sprintf("own-%d", at))
	}
	return numbered(number, values)
}

func transact(ctx context.Context, start Start, member Member) error {
	session, err := start(ctx, member)
	if err != nil {
		return err
	}
	for at, one := range transactions {
		if err := consumeAndProduce(ctx, session, at+1, one.block); err != nil {
			return err
		}
		if one.end == open {
			fmt.Println("OPEN")
			select {}
		}
		if err := session.End(ctx, one.end == commit); err != nil {
			return err
		}
	}
	return nil
}

// consumeAndProduce begins a transaction with the records of the input's block, and its offset, or its own if that is -1.
func consumeAndProduce(ctx context.Context, session Session, number, from int) error {
	if err := session.Begin(); err != nil {
		return err
	}
	if from < 0 {
		return session.Produce(ctx, own(number))
	}
	values, err := session.Consume(ctx, from*block, block)
	if err != nil {
		return err
	}
	if err := session.Produce(ctx, numbered(number, values)); err != nil {
		return err
	}
	return session.SendOffset(int64(from+1) * block)
}

func succeed(ctx context.Context, start Start, member Member) error {
	session, err := start(ctx, member)
	if err != nil {
		return err
	}
	number := len(transactions) + 1
	if err := consumeAndProduce(ctx, session, number, 2); err != nil {
		return err
	}
	if err := session.End(ctx, true); err != nil {
		return err
	}
	session.Leave()
	for at, attempt := range []string{"produce", "offsets", "commit"} {
		zombie := member
		zombie.TransactionalID += "-" + attempt
		zombie.Group = zombie.TransactionalID
		if err := fence(ctx, start, zombie, attempt, number+2*at+1); err != nil {
			return err
		}
	}
	return nil
}

// fence starts a second member with the same transactional id, and prints what becomes of the first. Each has a group of its own.
func fence(ctx context.Context, start Start, member Member, attempt string, number int) error {
	zombie, err := start(ctx, member)
	if err != nil {
		return err
	}
	if err := zombie.Begin(); err != nil {
		return err
	}
	if attempt == "offsets" {
		if _, err := zombie.Consume(ctx, 0, block); err != nil {
			return err
		}
	}
	if err := zombie.Produce(ctx, own(number)); err != nil {
		return err
	}
	member.Group += "-heir"
	heir, err := start(ctx, member)
	if err != nil {
		return err
	}
	if err := consumeAndProduce(ctx, heir, number+1, -1); err != nil {
		return err
	}
	if err := heir.End(ctx, true); err != nil {
		return err
	}
	fmt.Println(try(ctx, zombie, attempt))
	return nil
}

func try(ctx context.Context, zombie Session, attempt string) string {
	var err error
	switch attempt {
	case "produce":
		err = zombie.Produce(ctx, []string{"zombie"})
	case "offsets":
		if err = zombie.SendOffset(block); err == nil {
			err = zombie.End(ctx, true)
		}
	default:
		err = zombie.End(ctx, true)
	}
	if err == nil {
		return "ALLOWED " + attempt
	}
	return "REFUSED " + attempt + " " + err.Error()
}
