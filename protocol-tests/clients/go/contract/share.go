package contract

import (
	"bufio"
	"flag"
	"fmt"
	"log"
	"os"
	"strings"
	"sync"
)

// ShareMember is a member of a share group: what it joins, how, what the runner wants of it, and its report.
type ShareMember struct {
	Bootstrap, Name, Topic, Group, Mode string
	// Leaving is closed when it is to leave, Finishing when it is to acknowledge what it holds or renews.
	Leaving, Finishing chan struct{}
	leave, finish      sync.Once
}

// Share consumes as a member of a share group until it is to leave, then leaves.
type Share func(member *ShareMember) error

// Sharing runs the sub-command of share groups, if the arguments name it.
func Sharing(share Share) bool {
	isNamed := len(os.Args) > 1 && os.Args[1] == "share"
	if isNamed {
		log.SetFlags(0)
		inShareGroups(share, os.Args[2:])
	}
	return isNamed
}

func inShareGroups(share Share, arguments []string) {
	flags := flag.NewFlagSet("share", flag.ExitOnError)
	bootstrap := flags.String("bootstrap", "", "")
	_ = flags.Parse(arguments)

	members := map[string]*ShareMember{}
	var running sync.WaitGroup
	lines := bufio.NewScanner(os.Stdin)
	for lines.Scan() {
		words := strings.Fields(lines.Text())
		switch name := words[1]; words[0] {
		case "JOIN":
			member := &ShareMember{Bootstrap: *bootstrap, Name: name, Topic: words[2], Group: words[3], Mode: words[4],
				Leaving: make(chan struct{}), Finishing: make(chan struct{})}
			members[name] = member
			running.Go(func() {
				check(share(member))
				member.say("LEFT")
			})
		case "FINISH":
			members[name].finishNow()
		default:
			members[name].leaveNow()
		}
	}
	for _, member := range members {
		member.leaveNow()
	}
	running.Wait()
}

func (m *ShareMember) finishNow() { m.finish.Do(func() { close(m.Finishing) }) }

func (m *ShareMember) leaveNow() {
	m.leave.Do(func() { close(m.Leaving) })
	m.finishNow()
}

// Each line is one write, because the members share the pipe.
func (m *ShareMember) say(line string) { _, _ = os.Stdout.WriteString(m.Name + " " + line + "\n") }

// Got says that the member got a record, and for which time it was delivered.
func (m *ShareMember) Got(partition int32, offset int64, deliveries int32, value []byte) {
	m.say(fmt.Sprintf("GOT %d %d %d %s", partition, offset, deliveries, value))
}

// Acknowledged says what the broker answered to acknowledgements of a partition: an error's name or NONE.
func (m *ShareMember) Acknowledged(partition int32, answer string) {
	m.say(fmt.Sprintf("ACKNOWLEDGED %d %s", partition, answer))
}
