package fauxkatest

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/fauxka/fauxka/broker/packages/go/fauxka"
)

// A call takes longer only when the cluster is stuck.
const patience = 2 * time.Minute

// Cluster is a cluster for one test.
type Cluster struct {
	// Control has every operation of the control port, with contexts and errors.
	Control *fauxka.Client
	// Clock is the cluster's time.
	Clock *Clock
	// Journal is what happened: requests with their outcomes, and changes of state.
	Journal *Journal

	process *fauxka.Cluster
	t       testing.TB
}

// Run starts a cluster for a test, or fails the test. It ends with the test and its subtests.
func Run(t testing.TB, options ...fauxka.Option) *Cluster {
	t.Helper()
	ctx, cancel := bounded()
	defer cancel()
	process, err := fauxka.Start(ctx, options...)
	if err != nil {
		t.Fatal(err)
	}
	cluster := of(t, process)
	t.Cleanup(func() {
		t.Helper()
		cluster.verify()
		cluster.stop()
	})
	return cluster
}

func of(t testing.TB, process *fauxka.Cluster) *Cluster {
	cluster := &Cluster{Control: process.Client, process: process, t: t}
	cluster.Clock, cluster.Journal = &Clock{cluster}, &Journal{cluster}
	return cluster
}

// For is the same cluster for a subtest: what goes wrong fails the subtest.
func (cluster *Cluster) For(t testing.TB) *Cluster { return of(t, cluster.process) }

// Brokers is the address of each node, HOST:PORT: the seed brokers of franz-go, the addresses of sarama and kafka-go.
func (cluster *Cluster) Brokers() []string { return cluster.process.Brokers() }

// Bootstrap is the same in one text, HOST:PORT,HOST:PORT: the bootstrap.servers of confluent-kafka-go.
func (cluster *Cluster) Bootstrap() string { return cluster.process.Bootstrap() }

// ConfluentProducer is settings for producers and admin clients of confluent-kafka-go.
func (cluster *Cluster) ConfluentProducer() map[string]any {
	return cluster.process.ConfluentProducer()
}

// ConfluentConsumer is settings for consumers of confluent-kafka-go.
func (cluster *Cluster) ConfluentConsumer() map[string]any {
	return cluster.process.ConfluentConsumer()
}

// Listener is the address of each node by one of several listeners.
func (cluster *Cluster) Listener(name string) []string { return cluster.process.Listener(name) }

// CertificateAuthority is the file of the authority that has signed the nodes' certificates, with --tls.
func (cluster *Cluster) CertificateAuthority() string { return cluster.process.CertificateAuthority() }

// ControlURL is the control port's address.
func (cluster *Cluster) ControlURL() string { return cluster.process.ControlURL() }

// Seed decides every random choice of the cluster: fauxka.WithSeed makes them the same again.
func (cluster *Cluster) Seed() uint64 { return cluster.process.Seed() }

// Log is the end of the program's log.
func (cluster *Cluster) Log() string { return cluster.process.Log() }

// PID is the process.
func (cluster *Cluster) PID() int { return cluster.process.PID() }

// Reset makes the cluster what it was at its start, or parts of it. Fault rules that have not acted as often as expected
// fail the test first, since a reset forgets them.
func (cluster *Cluster) Reset(parts ...fauxka.ResetKind) {
	cluster.t.Helper()
	cluster.verify()
	cluster.reset(parts...)
}

func (cluster *Cluster) reset(parts ...fauxka.ResetKind) {
	cluster.t.Helper()
	cluster.do(func(ctx context.Context) error {
		return cluster.Control.ResetCluster(ctx, fauxka.ResetScope{Only: parts})
	})
}

// Report is what a failed test shows: the seed, the fault rules, and the end of the journal.
func (cluster *Cluster) Report() string {
	cluster.t.Helper()
	return get(cluster, cluster.Control.GetReport).Text()
}

// Metrics is the cluster's metrics, in Prometheus' text format.
func (cluster *Cluster) Metrics() string {
	cluster.t.Helper()
	return get(cluster, cluster.Control.GetMetrics)
}

// verify fails the test if an expectation is unmet, and reports what happened if the test has failed for any reason.
func (cluster *Cluster) verify() {
	cluster.t.Helper()
	if cluster.process.HasEnded() {
		return
	}
	ctx, cancel := bounded()
	defer cancel()
	report, err := cluster.Control.GetReport(ctx)
	switch {
	case err != nil && cluster.endsSoon():
	case err != nil:
		cluster.t.Errorf("no report: %v", err)
	case len(report.Unmet) > 0:
		cluster.t.Errorf("\n%s\n%s", strings.Join(report.Unmet, "\n"), report.Text())
	case cluster.t.Failed():
		cluster.t.Logf("\n%s", report.Text())
	}
}

// endsSoon is why there is no answer: the process has ended, or is about to.
func (cluster *Cluster) endsSoon() bool {
	select {
	case <-cluster.process.Ended():
		return true
	case <-time.After(time.Second):
		return false
	}
}

func (cluster *Cluster) stop() {
	cluster.t.Helper()
	ctx, cancel := bounded()
	defer cancel()
	if err := cluster.process.Stop(ctx); err != nil {
		cluster.t.Error(err)
	}
}

func bounded() (context.Context, context.CancelFunc) {
	return context.WithTimeout(context.Background(), patience)
}

// do fails the test if it does not work.
func (cluster *Cluster) do(ask func(context.Context) error) {
	cluster.t.Helper()
	get(cluster, func(ctx context.Context) (any, error) { return nil, ask(ctx) })
}

// get is the answer, or fails the test.
func get[T any](cluster *Cluster, ask func(context.Context) (T, error)) T {
	cluster.t.Helper()
	return getWithin(cluster, 0, ask)
}

// getWithin is get for what waits for so long.
func getWithin[T any](cluster *Cluster, waits time.Duration, ask func(context.Context) (T, error)) T {
	cluster.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience+waits)
	defer cancel()
	answer, err := ask(ctx)
	if err != nil {
		cluster.t.Fatal(err)
	}
	return answer
}
