package contract

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"
)

// Group is a member of a consumer group: what it joins, how, and its report.
type Group struct {
	Bootstrap, Topic, Group, Member, Mode, Instance string
	Session                                         time.Duration
}

// Belong consumes as a member until the context ends, then leaves.
type Belong func(ctx context.Context, group Group) error

func inGroup(belong Belong, arguments []string) {
	var group Group
	flags := flag.NewFlagSet("group", flag.ExitOnError)
	flags.StringVar(&group.Bootstrap, "bootstrap", "", "")
	flags.StringVar(&group.Topic, "topic", "", "")
	flags.StringVar(&group.Group, "group", "", "")
	flags.StringVar(&group.Mode, "mode", "", "")
	flags.StringVar(&group.Instance, "instance", "", "")
	flags.StringVar(&group.Member, "member", "", "")
	session := flags.Int("session-ms", 0, "")
	_ = flags.Parse(arguments)
	group.Session = time.Duration(*session) * time.Millisecond

	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer stop()
	check(belong(ctx, group))
}

// Each line is one write, because the members share the pipe.
func (g Group) say(line string) { _, _ = os.Stdout.WriteString(g.Member + " " + line + "\n") }

// Gained says that the member owns these partitions from now on.
func (g Group) Gained(partitions []int32) { g.say("GAINED " + joined(partitions)) }

// Lost says that the member no longer owns these partitions.
func (g Group) Lost(partitions []int32) { g.say("LOST " + joined(partitions)) }

// Got says that the member consumed a record.
func (g Group) Got(partition int32, offset int64, value []byte) {
	g.say(fmt.Sprintf("GOT %d %d %s", partition, offset, value))
}

func joined(partitions []int32) string {
	return strings.Trim(strings.ReplaceAll(fmt.Sprint(partitions), " ", ","), "[]")
}
