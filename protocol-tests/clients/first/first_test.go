// The broker's answer to a producer is lost. The order must still be in the log exactly once.
package first

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
)

type answer struct {
	ID      int
	Hits    int
	Records []struct{ Value string }
}

// control asks the control port: a POST if there is a body, else a GET.
func control(t *testing.T, path, body string) (found answer) {
	t.Helper()
	method := http.MethodGet
	if body != "" {
		method = http.MethodPost
	}
	request, _ := http.NewRequest(method, "http://127.0.0.1:9700"+path, strings.NewReader(body))
	request.Header.Set("Content-Type", "application/json")
	response, err := http.DefaultClient.Do(request)
	if err != nil || response.StatusCode >= 300 {
		t.Fatal(path, response, err)
	}
	defer response.Body.Close()
	json.NewDecoder(response.Body).Decode(&found)
	return found
}

func TestOrderIsPlacedOnce(t *testing.T) {
	control(t, "/v1/reset", "{}")
	rule := control(t, "/v1/faults", `{"api": "Produce", "topic": "orders", "nth": 1, "after_apply": "disconnect"}`)

	// By default it waits for some seconds before it asks again who leads a partition.
	client, err := kgo.NewClient(kgo.SeedBrokers("127.0.0.1:9092"), kgo.MetadataMinAge(100*time.Millisecond))
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	order := &kgo.Record{Topic: "orders", Value: []byte("order-1")}
	if err := client.ProduceSync(context.Background(), order).FirstErr(); err != nil {
		t.Fatal(err)
	}

	if hits := control(t, fmt.Sprintf("/v1/faults/%d", rule.ID), "").Hits; hits != 1 {
		t.Fatalf("%d answers were lost", hits)
	}
	records := control(t, "/v1/topics/orders/0/records", "").Records
	if len(records) != 1 || records[0].Value != "order-1" {
		t.Fatal(records)
	}
}
