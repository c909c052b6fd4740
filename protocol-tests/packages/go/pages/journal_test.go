package pages

import (
	"testing"

	"github.com/fauxka/fauxka/broker/packages/go/fauxka"
	"github.com/fauxka/fauxka/broker/packages/go/fauxkatest"
)

func TestJournal(t *testing.T) {
	kafka := fauxkatest.Run(t, fauxka.WithTopics("orders"))
	kafka.Produce("orders", fauxka.NewRecord{Key: fauxka.Text("customer-42"), Value: fauxka.Text("order-1")})
	kafka.Group("billing").Commit(fauxka.NewOffset{Topic: "orders", Partition: 0, Offset: 1})

	// Waits until there is a row, for at most 30 seconds.
	kafka.Journal.Expect(fauxka.JournalWait{API: fauxka.Produce, Topic: "orders"})
	for _, request := range kafka.Journal.Requests(fauxka.JournalQuery{Topic: "orders"}) {
		if request.Applied != fauxka.AppliedYes || len(request.Errors) > 0 {
			t.Errorf("%s was answered with %v", request.API, request.Errors)
		}
	}
	// Each row as it comes, for as long as you like.
	for row, err := range kafka.Control.FollowJournal(t.Context(), fauxka.JournalQuery{}) {
		if err != nil {
			t.Fatal(err)
		}
		if created, is := row.(*fauxka.TopicCreatedRow); is && created.Topic == "orders" {
			break
		}
	}
}
