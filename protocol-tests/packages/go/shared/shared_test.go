// One cluster for all tests of a package, with a reset before each.
package shared

import (
	"testing"

	"github.com/fauxka/fauxka/broker/packages/go/fauxka"
	"github.com/fauxka/fauxka/broker/packages/go/fauxkatest"
)

var shared = fauxkatest.NewShared(fauxka.WithTopics("orders"))

func TestMain(m *testing.M) { shared.Main(m) }

// place places an order, and wants it to be the only one.
func place(t *testing.T, kafka *fauxkatest.Cluster, order string) {
	t.Helper()
	kafka.Produce("orders", fauxka.NewRecord{Value: fauxka.Text(order)})
	if orders := kafka.Values("orders"); len(orders) != 1 || orders[0] != order {
		t.Errorf("the orders are %q", orders)
	}
}

func TestOneOrder(t *testing.T) {
	t.Parallel()
	place(t, shared.Use(t), "order-1")
}

func TestAnotherOrder(t *testing.T) {
	t.Parallel()
	kafka := shared.Use(t)
	t.Run("from a subtest", func(t *testing.T) { place(t, kafka.For(t), "order-2") })
}
