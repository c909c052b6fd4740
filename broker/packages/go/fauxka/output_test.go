package fauxka

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

func TestTailKeepsWholeLines(t *testing.T) {
	log := new(tail)
	for number := range 20_000 {
		fmt.Fprintf(log, "line %d\n", number)
	}
	kept := log.String()
	if len(kept) > tailBytes || !strings.HasPrefix(kept, "line ") || !strings.HasSuffix(kept, "line 19999\n") {
		t.Errorf("%d bytes: %.20q … %q", len(kept), kept, kept[len(kept)-20:])
	}
}

func TestFirstLineComesInPieces(t *testing.T) {
	line := &firstLine{found: make(chan string, 1)}
	for _, piece := range []string{"READY boot", "strap=a", "\nmore\n", "more"} {
		fmt.Fprint(line, piece)
	}
	if found := <-line.found; found != "READY bootstrap=a" {
		t.Errorf("%q", found)
	}
}

func TestLaterOptionsCount(t *testing.T) {
	chosen := settingsOf([]Option{WithNodes(3), WithTopics("a", "b:2"), WithSeed(7), WithNodes(1), WithArgs("--control=127.0.0.1:9700")})
	line := []string{"--exit-with-parent", "--listen", "127.0.0.1:0", "--nodes", "1", "--seed", "7", "--topic", "a", "--topic", "b:2",
		"--control=127.0.0.1:9700"}
	if found := chosen.commandLine(); !slices.Equal(found, line) {
		t.Errorf("%q", found)
	}
}
