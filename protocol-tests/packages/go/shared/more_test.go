package shared

import (
	"testing"

	"github.com/fauxka/fauxka/broker/packages/go/fauxka"
	"github.com/fauxka/fauxka/broker/packages/go/fauxkatest"
)

// Not in parallel: the second continues what the first has left.
func TestWithoutReset(t *testing.T) {
	t.Run("first", func(t *testing.T) {
		kafka := shared.Use(t)
		kafka.Fault(fauxka.Rule{API: fauxka.Produce, Observe: true})
		place(t, kafka, "order-3")
	})
	t.Run("second", func(t *testing.T) {
		kafka := shared.Use(t, fauxkatest.WithoutReset())
		if orders := kafka.Values("orders"); len(orders) != 1 {
			t.Errorf("the orders are %q", orders)
		}
		if rules := kafka.Faults(); len(rules) != 0 {
			t.Errorf("the rules are %v", rules)
		}
	})
}
