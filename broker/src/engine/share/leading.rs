//! What the node that leads a partition knows of its share partitions' terms, and when it lets go of them.

use std::time::Duration;

use super::SharePartitionKey;
use super::partition::Terms;
use crate::engine::cluster::Partition;
use crate::engine::context::ConnectionId;
use crate::engine::replica::{self, Serves};
use crate::engine::state::State;
use crate::engine::time::Now;
use crate::engine::topic_partition::TopicPartition;
use crate::wire::error::ErrorCode;
use crate::wire::units::NodeId;

impl State {
    /// What settings say of a group's share partitions.
    pub(crate) fn share_terms(&self, node: NodeId, group: &str) -> Terms {
        let value = |name: &str| self.configs.group_value(node, group, name);
        let number = |name: &str| value(name).number().unwrap_or_default();
        let small = |name: &str| i32::try_from(number(name)).unwrap_or(i32::MAX);
        let lock = u64::try_from(number("share.record.lock.duration.ms")).unwrap_or_default();
        Terms {
            deliveries_max: small("share.delivery.count.limit"),
            locks_max: small("share.partition.max.record.locks"),
            lock_duration: Duration::from_millis(lock),
            may_renew: value("share.renew.acknowledge.enable").is_true(),
            dead_letters: self.has_dead_letters(node, group),
        }
    }

    /// The partition that a share partition is about, by the name that its topic had.
    pub(crate) fn shared_partition(
        &self,
        node: NodeId,
        name: &str,
        partition: i32,
    ) -> Result<&Partition, ErrorCode> {
        let place = TopicPartition::at(name, partition);
        replica::find(&self.cluster, place, node, Serves::Leader, None)
    }

    /// A client is gone, and with it the session that its connection opened. The last of a group's takes the node's
    /// share partitions with it.
    pub(in crate::engine) fn share_client_gone(&mut self, now: Now, connection: ConnectionId) {
        let Some((session, has_ended)) = self.shares.sessions.disconnected(connection) else {
            return;
        };
        if !has_ended {
            self.end_share_session(now, &session);
        }
        if !self.shares.sessions.has_any(session.node, &session.group) {
            let all = self.shares.by_node();
            let of_group =
                all.filter(|(key, node)| key.group == session.group && *node == session.node);
            let gone: Vec<_> = of_group.map(|(key, _)| key.clone()).collect();
            for key in gone {
                self.forget_share_partition(&key);
            }
        }
    }

    /// Lets go of a share partition.
    pub(crate) fn forget_share_partition(&mut self, key: &SharePartitionKey) {
        self.shares.partitions.remove(key);
        self.shares.beginning.remove(key);
        self.forget_dead_letters(key);
        self.schedule_share_locks(key);
        if let Some(name) = self.cluster.topic_name(key.topic) {
            self.outbox.wake_partition(&name, key.partition);
        }
    }

    /// What follows a change: locks have their timer, and who waits may have what is free.
    pub(crate) fn after_share_change(&mut self, name: &str, key: &SharePartitionKey) {
        self.schedule_share_locks(key);
        self.outbox.wake_partition(name, key.partition);
    }

    /// Whether a node leads the partition that a share partition is about.
    pub(in crate::engine) fn leads_shared(&self, key: &SharePartitionKey, node: NodeId) -> bool {
        let topic = self.cluster.topic_by_id(key.topic);
        let partition = topic.and_then(|topic| topic.partition(key.partition));
        partition.is_some_and(|partition| partition.leader == Some(node))
    }

    /// Lets go of share partitions that their nodes lead no longer, and of all of them once share groups are out of
    /// use.
    pub(in crate::engine) fn follow_share_leaders(&mut self) {
        let shares = &self.shares;
        let has_nothing = shares.partitions.is_empty() && shares.beginning.is_empty();
        if has_nothing && shares.sessions.is_empty() {
            // This is asked after every input: where nobody shares, it costs nothing.
            return;
        }
        if !self.has_share_groups() {
            self.forget_shares();
            return;
        }
        let version = self.cluster.version();
        if self.shares.seen.replace(version) == Some(version) {
            return;
        }
        let gone = self.shares.by_node();
        let gone = gone.filter(|(key, node)| !self.leads_shared(key, *node));
        let gone: Vec<_> = gone.map(|(key, _)| key.clone()).collect();
        for key in gone {
            self.forget_share_partition(&key);
        }
        let nodes = self.cluster.node_ids();
        self.shares
            .sessions
            .keep_nodes(|node| nodes.contains(&node) && self.cluster.is_up(node));
    }
}
