package fauxka

import (
	"strconv"
	"time"
)

// Option says how a cluster is to be.
type Option func(*settings)

type settings struct {
	arguments []string
	binary    string
	patience  time.Duration
}

const defaultPatience = 20 * time.Second

func settingsOf(options []Option) settings {
	chosen := settings{patience: defaultPatience}
	for _, option := range options {
		option(&chosen)
	}
	return chosen
}

// WithArgs passes further arguments to the program. They stand behind all others, in the order of the options.
func WithArgs(arguments ...string) Option {
	return func(chosen *settings) { chosen.arguments = append(chosen.arguments, arguments...) }
}

// WithTopics has topics from the start: NAME[:PARTITIONS[:REPLICATION]], such as orders:24:3. By default a topic has one
// partition, and as many replicas as there are nodes, at most 3.
func WithTopics(topics ...string) Option {
	return func(chosen *settings) {
		for _, topic := range topics {
			chosen.arguments = append(chosen.arguments, "--topic", topic)
		}
	}
}

// WithNodes starts so many nodes, instead of one.
func WithNodes(count int) Option { return WithArgs("--nodes", strconv.Itoa(count)) }

// WithManualClock stops time until you advance it.
func WithManualClock() Option { return WithArgs("--clock", "manual") }

// WithSeed makes every random choice the same again. By default each cluster has a new seed.
func WithSeed(seed uint64) Option { return WithArgs("--seed", strconv.FormatUint(seed, 10)) }

// WithConfig sets one of Kafka's own broker settings.
func WithConfig(name, value string) Option { return WithArgs("--config", name+"="+value) }

// WithFile describes the whole cluster in a file, in TOML. Other options are stronger.
func WithFile(path string) Option { return WithArgs("--file", path) }

// WithBinary starts this program, instead of the one that FAUXKA_BINARY names, this package holds, or the PATH has.
func WithBinary(path string) Option { return func(chosen *settings) { chosen.binary = path } }

// WithStartTimeout is how long Start waits until every node accepts connections. Default: 20 seconds.
func WithStartTimeout(patience time.Duration) Option {
	return func(chosen *settings) { chosen.patience = patience }
}
