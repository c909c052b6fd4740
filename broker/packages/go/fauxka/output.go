package fauxka

import (
	"bytes"
	"strings"
	"sync"
)

const (
	tailBytes = 64 << 10
	lineBytes = 64 << 10
)

// tail keeps the end of what is written to it.
type tail struct {
	lock sync.Mutex
	kept []byte
	lost bool
}

func (log *tail) Write(data []byte) (int, error) {
	log.lock.Lock()
	defer log.lock.Unlock()
	log.kept = append(log.kept, data...)
	if extra := len(log.kept) - tailBytes; extra > 0 {
		log.kept = append(log.kept[:0], log.kept[extra:]...)
		log.lost = true
	}
	return len(data), nil
}

// String is what is kept, from the start of a line on.
func (log *tail) String() string {
	log.lock.Lock()
	defer log.lock.Unlock()
	kept := log.kept
	if end := bytes.IndexByte(kept, '\n'); log.lost && end >= 0 {
		kept = kept[end+1:]
	}
	return strings.ToValidUTF8(string(kept), "\uFFFD")
}

// firstLine hands over the first line that is written to it, and drops all that follows.
type firstLine struct {
	text  []byte
	found chan string
	done  bool
}

func (line *firstLine) Write(data []byte) (int, error) {
	if line.done {
		return len(data), nil
	}
	line.text = append(line.text, data...)
	if end := bytes.IndexByte(line.text, '\n'); end >= 0 || len(line.text) > lineBytes {
		if end < 0 {
			end = lineBytes
		}
		line.done = true
		line.found <- string(line.text[:end])
	}
	return len(data), nil
}
