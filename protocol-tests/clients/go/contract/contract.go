// Package contract is the contract of ../../README.md, shared by the Go programs.
package contract

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	"log"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// Deadline bounds one round trip.
const Deadline = 60 * time.Second

// Trip creates the topic, produces the lines with the codec, and returns what it consumed.
type Trip func(ctx context.Context, bootstrap, topic, codec string, lines [][]byte) ([][]byte, error)

// Main runs the sub-command that the arguments name.
func Main(trip Trip, belong Belong) {
	log.SetFlags(0)
	switch {
	case len(os.Args) > 1 && os.Args[1] == "roundtrip":
		roundTrip(trip, os.Args[2:])
	case len(os.Args) > 1 && os.Args[1] == "group":
		inGroup(belong, os.Args[2:])
	default:
		log.Fatal("usage: roundtrip|group, see README.md")
	}
}

func roundTrip(trip Trip, arguments []string) {
	flags := flag.NewFlagSet("roundtrip", flag.ExitOnError)
	bootstrap := flags.String("bootstrap", "", "")
	topic := flags.String("topic", "", "")
	input := flags.String("input", "", "")
	output := flags.String("output", "", "")
	codecs := flags.String("codecs", "none", "")
	_ = flags.Parse(arguments)

	data, err := os.ReadFile(*input)
	check(err)
	lines := bytes.Split(bytes.TrimSuffix(data, []byte("\n")), []byte("\n"))
	for _, codec := range strings.Split(*codecs, ",") {
		ctx, cancel := context.WithTimeout(context.Background(), Deadline)
		values, err := trip(ctx, *bootstrap, *topic+"-"+codec, codec, lines)
		cancel()
		check(err)
		var out bytes.Buffer
		for _, value := range values {
			out.Write(value)
			out.WriteByte('\n')
		}
		check(os.WriteFile(filepath.Join(*output, codec), out.Bytes(), 0o644))
		fmt.Printf("DONE %s %d\n", codec, len(values))
	}
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
