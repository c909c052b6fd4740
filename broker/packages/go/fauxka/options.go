package fauxka

import (
	"os"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Option says how a cluster is to be. Of two options about the same thing the later one counts.
type Option func(*settings)

type settings struct {
	once      map[string]string
	several   []string
	arguments []string
	binary    string
	patience  time.Duration
}

const defaultPatience = 20 * time.Second

func settingsOf(options []Option) settings {
	chosen := settings{once: map[string]string{}, patience: defaultPatience}
	for _, option := range options {
		option(&chosen)
	}
	return chosen
}

// commandLine is what the program is started with: free ports, unless the caller says which.
func (chosen settings) commandLine() []string {
	line := []string{"--exit-with-parent"}
	if !chosen.says("--listen") && !chosen.says("--listener") {
		line = append(line, "--listen", "127.0.0.1:0")
	}
	if !chosen.says("--control") {
		line = append(line, "--control", "127.0.0.1:0")
	}
	for _, name := range []string{"--nodes", "--clock", "--seed", "--file"} {
		if value, is := chosen.once[name]; is {
			line = append(line, name, value)
		}
	}
	return slices.Concat(line, chosen.several, chosen.arguments)
}

func (chosen settings) says(name string) bool {
	return slices.ContainsFunc(chosen.arguments, func(argument string) bool {
		return argument == name || strings.HasPrefix(argument, name+"=")
	})
}

// token is what requests to the control port must show.
func (chosen settings) token() string {
	token := os.Getenv("FAUXKA_CONTROL_TOKEN")
	for index, argument := range chosen.arguments {
		if value, is := strings.CutPrefix(argument, "--control-token="); is {
			token = value
		}
		if argument == "--control-token" && index+1 < len(chosen.arguments) {
			token = chosen.arguments[index+1]
		}
	}
	return token
}

func once(name, value string) Option {
	return func(chosen *settings) { chosen.once[name] = value }
}

func further(name string, values ...string) Option {
	return func(chosen *settings) {
		for _, value := range values {
			chosen.several = append(chosen.several, name, value)
		}
	}
}

// WithTopics has topics from the start: NAME[:PARTITIONS[:REPLICATION]], such as orders:24:3. By default a topic has one
// partition, and as many replicas as there are nodes, at most 3.
func WithTopics(topics ...string) Option { return further("--topic", topics...) }

// WithNodes starts so many nodes, instead of one.
func WithNodes(count int) Option { return once("--nodes", strconv.Itoa(count)) }

// WithManualClock stops time until you advance it.
func WithManualClock() Option { return once("--clock", "manual") }

// WithSeed makes every random choice the same again. By default each cluster has a new seed.
func WithSeed(seed uint64) Option { return once("--seed", strconv.FormatUint(seed, 10)) }

// WithConfig sets one of Kafka's own broker settings.
func WithConfig(name, value string) Option { return further("--config", name+"="+value) }

// WithFile describes the whole cluster in a file, in TOML. Other options are stronger.
func WithFile(path string) Option { return once("--file", path) }

// WithArgs passes further arguments to the program: fauxka --help lists them.
func WithArgs(arguments ...string) Option {
	return func(chosen *settings) { chosen.arguments = append(chosen.arguments, arguments...) }
}

// WithBinary starts this program, instead of the one that FAUXKA_BINARY names, this package holds, or the PATH has.
func WithBinary(path string) Option { return func(chosen *settings) { chosen.binary = path } }

// WithStartTimeout is how long Start waits until every node accepts connections. Default: 20 seconds.
func WithStartTimeout(patience time.Duration) Option {
	return func(chosen *settings) { chosen.patience = patience }
}
