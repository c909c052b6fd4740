package fauxkatest

import (
	"context"
	"strconv"

	"github.com/fauxka/fauxka/broker/packages/go/fauxka"
)

// Rule is a mounted fault rule.
type Rule struct {
	// ID is the rule's number.
	ID      int64
	cluster *Cluster
}

// Fault mounts a fault rule. What it expects is verified when the test is over.
func (cluster *Cluster) Fault(rule fauxka.Rule) *Rule {
	cluster.t.Helper()
	view := get(cluster, func(ctx context.Context) (*fauxka.FaultView, error) { return cluster.Control.MountFault(ctx, rule) })
	return &Rule{view.ID, cluster}
}

// Faults is the mounted rules, in the order they were mounted.
func (cluster *Cluster) Faults() []fauxka.FaultView {
	cluster.t.Helper()
	return get(cluster, cluster.Control.ListFaults)
}

// Heal ends all fault rules. What they expect is still verified.
func (cluster *Cluster) Heal() {
	cluster.t.Helper()
	cluster.do(cluster.Control.HealFaults)
}

func (rule *Rule) name() string { return strconv.FormatInt(rule.ID, 10) }

// Wait waits until the rule has acted as often as it expects to, or once if it expects nothing. After 30 seconds the test fails.
func (rule *Rule) Wait() *fauxka.FaultView {
	rule.cluster.t.Helper()
	return rule.WaitWith(fauxka.WaitForFaultQuery{})
}

// WaitWith waits until the rule has acted as often as you say, and for as long as you say.
func (rule *Rule) WaitWith(query fauxka.WaitForFaultQuery) *fauxka.FaultView {
	rule.cluster.t.Helper()
	return getWithin(rule.cluster, query.Timeout, func(ctx context.Context) (*fauxka.FaultView, error) {
		return rule.cluster.Control.WaitForFault(ctx, rule.name(), query)
	})
}

// View is how often the rule has matched and acted so far.
func (rule *Rule) View() *fauxka.FaultView {
	rule.cluster.t.Helper()
	return get(rule.cluster, func(ctx context.Context) (*fauxka.FaultView, error) {
		return rule.cluster.Control.GetFault(ctx, rule.name())
	})
}

// Release ends the rule. What it holds back goes on, and what it expects is still verified.
func (rule *Rule) Release() {
	rule.cluster.t.Helper()
	get(rule.cluster, func(ctx context.Context) (*fauxka.FaultView, error) {
		return rule.cluster.Control.ReleaseFault(ctx, rule.name())
	})
}

// Remove ends the rule, and forgets it with what it expects.
func (rule *Rule) Remove() {
	rule.cluster.t.Helper()
	rule.cluster.do(func(ctx context.Context) error { return rule.cluster.Control.RemoveFault(ctx, rule.name()) })
}
