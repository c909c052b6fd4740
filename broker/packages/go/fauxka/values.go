package fauxka

import (
	"fmt"
	"net/url"
	"reflect"
	"strings"
	"time"
)

// segment writes a value as one part of a path.
func segment(value any) string { return url.PathEscape(fmt.Sprint(value)) }

// put writes a condition unless it is left at zero.
func put(values url.Values, name string, value any) {
	of := reflect.ValueOf(value)
	if of.IsZero() {
		return
	}
	if duration, is := value.(time.Duration); is {
		values.Set(name, Spoken(duration))
		return
	}
	values.Set(name, fmt.Sprint(reflect.Indirect(of).Interface()))
}

// Spoken writes a duration as the control port reads it.
func Spoken(duration time.Duration) string {
	return strings.ReplaceAll(duration.String(), "µ", "u")
}

// Ptr is a pointer to a value, for fields for which zero says something: Partition: fauxka.Ptr[int32](0).
func Ptr[T any](value T) *T { return &value }

// FailWith is the action that answers with an error.
func FailWith(code ErrorCode) Action { return ActionError{code} }

// DelayBy is the action that waits for a time on the cluster's clock.
func DelayBy(duration time.Duration) Action { return ActionDelay{For(duration)} }

// ThrottleBy is the action that throttles the connection for a time on the cluster's clock.
func ThrottleBy(duration time.Duration) Action { return ActionThrottle{For(duration)} }

// EditWith is the action that changes fields of the answer, by their paths.
func EditWith(edits Edits) Action { return ActionEdit{edits} }

// For is a fixed delay.
func For(duration time.Duration) Delay { return DelayFor(Spoken(duration)) }

// Around is a delay that varies by chance, by the cluster's seed.
func Around(mean, jitter time.Duration) Delay { return DelayVarying{Spoken(mean), Spoken(jitter)} }

// AtLeast is an expectation without an upper bound.
func AtLeast(times int64) Expected { return Bounds{AtLeast: times} }

// AtMost is an expectation without a lower bound.
func AtMost(times int64) Expected { return Bounds{AtMost: &times} }

// Between is an expectation with both bounds.
func Between(least, most int64) Expected { return Bounds{least, &most} }
