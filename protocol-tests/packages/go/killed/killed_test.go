// A test that never ends: somebody kills it.
package killed

import (
	"fmt"
	"os"
	"testing"

	"github.com/fauxka/fauxka/broker/packages/go/fauxka"
	"github.com/fauxka/fauxka/broker/packages/go/fauxkatest"
)

func TestNeverEnds(t *testing.T) {
	kafka := fauxkatest.Run(t, fauxka.WithNodes(2))
	fmt.Fprintf(os.Stdout, "PID %d\n", kafka.PID())
	select {}
}
