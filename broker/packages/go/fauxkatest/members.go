package fauxkatest

import (
	"context"

	"github.com/fauxka/fauxka/broker/packages/go/fauxka"
)

// Group is a group, by its id.
type Group struct {
	// ID is the group id.
	ID      string
	cluster *Cluster
}

// Group is a group, which need not exist yet.
func (cluster *Cluster) Group(id string) *Group { return &Group{id, cluster} }

// Groups is all groups with their members, offsets and lag, by id.
func (cluster *Cluster) Groups() []fauxka.GroupView {
	cluster.t.Helper()
	return get(cluster, cluster.Control.ListGroups)
}

// View is the group with its members, offsets, lag and latest commits.
func (group *Group) View() *fauxka.GroupWithCommits {
	group.cluster.t.Helper()
	return get(group.cluster, func(ctx context.Context) (*fauxka.GroupWithCommits, error) {
		return group.cluster.Control.GetGroup(ctx, group.ID)
	})
}

// Evict removes a member, as if its session had timed out: its member id or group instance id.
func (group *Group) Evict(member string) {
	group.cluster.t.Helper()
	group.cluster.do(func(ctx context.Context) error {
		return group.cluster.Control.EvictMember(ctx, group.ID, fauxka.WhichMember{Member: member})
	})
}

// Rebalance starts a rebalance.
func (group *Group) Rebalance() {
	group.cluster.t.Helper()
	group.cluster.do(func(ctx context.Context) error { return group.cluster.Control.RebalanceGroup(ctx, group.ID) })
}

// Commit commits offsets for the group.
func (group *Group) Commit(offsets ...fauxka.NewOffset) {
	group.cluster.t.Helper()
	group.cluster.do(func(ctx context.Context) error {
		return group.cluster.Control.CommitOffsets(ctx, group.ID, fauxka.NewOffsets{Offsets: offsets})
	})
}

// Node is a node, by its id.
type Node struct {
	// ID is the node id; the first is 1.
	ID      int32
	cluster *Cluster
}

// Node is a node of the cluster.
func (cluster *Cluster) Node(id int32) *Node { return &Node{id, cluster} }

// Stop stops the node: its connections end, and other nodes take over.
func (node *Node) Stop() {
	node.cluster.t.Helper()
	get(node.cluster, func(ctx context.Context) (*fauxka.NodeState, error) {
		return node.cluster.Control.StopNode(ctx, node.ID)
	})
}

// Start starts the node again.
func (node *Node) Start() {
	node.cluster.t.Helper()
	get(node.cluster, func(ctx context.Context) (*fauxka.NodeState, error) {
		return node.cluster.Control.StartNode(ctx, node.ID)
	})
}

// Pause has nothing pass to or from the node, as if its process were suspended.
func (node *Node) Pause() {
	node.cluster.t.Helper()
	node.cluster.do(func(ctx context.Context) error { return node.cluster.Control.PauseNode(ctx, node.ID) })
}

// Resume ends a pause.
func (node *Node) Resume() {
	node.cluster.t.Helper()
	node.cluster.do(func(ctx context.Context) error { return node.cluster.Control.ResumeNode(ctx, node.ID) })
}

// Transaction is a transactional id.
type Transaction struct {
	// ID is the transactional id.
	ID      string
	cluster *Cluster
}

// Transaction is a transactional id, which no producer need have used yet.
func (cluster *Cluster) Transaction(id string) *Transaction { return &Transaction{id, cluster} }

// Transactions is all transactional ids with their transactions, by id.
func (cluster *Cluster) Transactions() []fauxka.TransactionView {
	cluster.t.Helper()
	return get(cluster, cluster.Control.ListTransactions)
}

// View is the transactional id with its transaction.
func (transaction *Transaction) View() *fauxka.TransactionView {
	transaction.cluster.t.Helper()
	return get(transaction.cluster, func(ctx context.Context) (*fauxka.TransactionView, error) {
		return transaction.cluster.Control.GetTransaction(ctx, transaction.ID)
	})
}

// Fence fences the producer that uses the transactional id, as another producer with the same id would.
func (transaction *Transaction) Fence() {
	transaction.cluster.t.Helper()
	transaction.cluster.do(func(ctx context.Context) error {
		return transaction.cluster.Control.FenceProducer(ctx, transaction.ID)
	})
}
