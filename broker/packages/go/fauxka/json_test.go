package fauxka

import (
	"encoding/json"
	"reflect"
	"testing"
	"time"
)

func TestRulesAreWrittenAndRead(t *testing.T) {
	rules := map[string]Rule{
		`{"after_apply":"disconnect","api":"Produce","expect":1,"nth":2,"partition":0,"topic":"orders"}`: {
			API: Produce, Topic: "orders", Partition: Ptr[int32](0), Nth: 2, AfterApply: Disconnect, Expect: Times(1),
		},
		`{"api":["Produce","Fetch"],"before_apply":[{"error":"NOT_LEADER_OR_FOLLOWER"},"pass",{"delay":"1m30s"}],"expect":{"at_least":1,"at_most":5}}`: {
			API:         APIList{Produce, Fetch},
			BeforeApply: ActionList{FailWith(NotLeaderOrFollower), Pass, DelayBy(90 * time.Second)}, Expect: Between(1, 5),
		},
		`{"before_apply":{"delay":{"for":"200ms","jitter":"150us"}},"probability":0.05}`: {
			Probability: 0.05, BeforeApply: ActionDelay{Around(200*time.Millisecond, 150*time.Microsecond)},
		},
		`{"bytes":{"slice":{"bytes":7,"pause":"1ms"}},"to":"client"}`: {
			Bytes: ByteActionSlice{Slices{Bytes: 7, Pause: For(time.Millisecond)}}, To: TowardsClient,
		},
		`{"bytes":{"cut":{"after":0,"how":"reset"}},"client_id":"orders-*"}`: {
			ClientID: "orders-*", Bytes: ByteActionCut{CutAfter{After: 0, How: CutReset}},
		},
		`{"bytes":"silence"}`: {Bytes: Silence},
		`{"after_apply":{"edit":{"responses.partitions.highWatermark":0}},"api":"Fetch"}`: {
			API: Fetch, AfterApply: EditWith(Edits{"responses.partitions.highWatermark": 0.0}),
		},
		`{"after_apply":{"throttle":"2s"},"expect":0}`: {AfterApply: ThrottleBy(2 * time.Second), Expect: Times(0)},
	}
	for text, rule := range rules {
		written, err := json.Marshal(rule)
		if err != nil || string(written) != text {
			t.Errorf("%s instead of %s, %v", written, text, err)
		}
		var read Rule
		if err := json.Unmarshal([]byte(text), &read); err != nil || !reflect.DeepEqual(read, rule) {
			t.Errorf("%#v instead of %#v, %v", read, rule, err)
		}
	}
}

func TestStrangeFormsAreRefused(t *testing.T) {
	for _, text := range []string{`{"after_apply":7}`, `{"after_apply":{"explode":true}}`, `{"expect":"often"}`, `{"bytes":{}}`, `{"api":{}}`} {
		if err := json.Unmarshal([]byte(text), new(Rule)); err == nil {
			t.Errorf("%s is read", text)
		}
	}
}

func TestDataIsTextOrBytesOrNothing(t *testing.T) {
	for text, data := range map[string]Data{`"é"`: Text("é"), `""`: Text(""), `{"base64":"/w=="}`: {255}, `null`: nil} {
		written, err := json.Marshal(data)
		if err != nil || string(written) != text {
			t.Errorf("%s instead of %s, %v", written, text, err)
		}
		read := Text("before")
		if err := json.Unmarshal([]byte(text), &read); err != nil || !reflect.DeepEqual(read, data) {
			t.Errorf("%v instead of %v, %v", read, data, err)
		}
	}
}

func TestRowsAreReadByTheirKind(t *testing.T) {
	var rows RowList
	text := `[{"kind":"request","sequence":3,"api":"Produce","errors":[{"error":"REQUEST_TIMED_OUT"}]},
		{"kind":"topic_created","topic":"orders"}, {"kind":"of_the_future","sequence":5,"more":1}]`
	if err := json.Unmarshal([]byte(text), &rows); err != nil {
		t.Fatal(err)
	}
	request := RowsOf[*RequestRow](rows)
	if len(request) != 1 || request[0].Sequence != 3 || request[0].API != Produce || request[0].Errors[0].Error != RequestTimedOut {
		t.Errorf("%+v", request)
	}
	if created := rows[1].(*TopicCreatedRow); created.Topic != "orders" {
		t.Errorf("%+v", created)
	}
	if future := rows[2].(*UnknownRow); future.Kind() != "of_the_future" || future.Head().Sequence != 5 || len(future.JSON) == 0 {
		t.Errorf("%+v", future)
	}
}
