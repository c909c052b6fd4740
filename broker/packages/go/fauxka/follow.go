//go:build go1.23

package fauxka

import (
	"bufio"
	"bytes"
	"context"
	"iter"
)

// Rows of requests with bodies can be long.
const mostOfARow = 64 << 20

// FollowJournal is the journal's rows that meet all conditions: those that there are, and then each as it comes, until you
// break, the context is done, or the cluster ends. It needs Go 1.23.
func (client *Client) FollowJournal(ctx context.Context, query JournalQuery) iter.Seq2[Row, error] {
	return func(yield func(Row, error) bool) {
		values := query.values()
		values.Set("follow", "true")
		response, err := client.open(ctx, request{"GET", "/v1/journal", values, nil}, "text/event-stream")
		if err != nil {
			yield(nil, err)
			return
		}
		defer response.Body.Close()
		lines := bufio.NewScanner(response.Body)
		lines.Buffer(nil, mostOfARow)
		for lines.Scan() {
			data, is := bytes.CutPrefix(lines.Bytes(), []byte("data:"))
			if !is {
				continue
			}
			row, err := decodeRow(data)
			if !yield(row, err) || err != nil {
				return
			}
		}
		if err := lines.Err(); err != nil {
			yield(nil, err)
		}
	}
}
