//! Changes of the cluster as rows of the journal.

use std::collections::BTreeMap;

use super::cluster::{Cluster, Partition, Topic};
use super::context::{Call, ConnectionId};
use super::journal::Event;
use super::listeners::ListenerId;
use super::outbox::Outbox;
use super::sasl::LetIn;
use super::state::State;
use super::state_topic::StateTopic;
use super::transaction::Transaction;
use crate::engine::topic_partition::TopicPartition;
use crate::wire::units::{LeaderEpoch, NodeId, WallMillis};

/// The topics as the last rows about them have them.
#[derive(Debug, Default)]
pub(super) struct JournaledTopics {
    topics: BTreeMap<String, TopicLeaders>,
    version: u64,
}

/// Who leads a topic's partitions, in which epoch.
#[derive(Debug, Clone, PartialEq, Eq)]
struct TopicLeaders {
    id: uuid::Uuid,
    leaders: Vec<(Option<NodeId>, LeaderEpoch)>,
}

impl TopicLeaders {
    fn of(topic: &Topic) -> Self {
        let partitions = topic.partitions.iter();
        Self {
            id: topic.id,
            leaders: partitions.map(leader).collect(),
        }
    }

    fn are_those_of(&self, topic: &Topic) -> bool {
        let leaders = topic.partitions.iter().map(leader);
        self.id == topic.id && leaders.eq(self.leaders.iter().copied())
    }
}

const fn leader(partition: &Partition) -> (Option<NodeId>, LeaderEpoch) {
    (partition.leader, partition.leader_epoch)
}

/// The topics that were told of and are no more, and those that were not told of as they are. Both sides are in the
/// order of names, so that a cluster of many topics is walked once, whatever has changed.
fn differences<'a>(
    told: &BTreeMap<String, TopicLeaders>,
    cluster: &'a Cluster,
) -> (Vec<String>, Vec<&'a Topic>) {
    let (mut gone, mut others) = (Vec::new(), Vec::new());
    let mut told = told.iter().peekable();
    for topic in cluster.topics() {
        while let Some((name, _)) = told.next_if(|(name, _)| **name < topic.name) {
            gone.push(name.clone());
        }
        match told.next_if(|(name, _)| **name == topic.name) {
            Some((_, seen)) if seen.are_those_of(topic) => {}
            Some((name, seen)) => {
                if seen.id != topic.id {
                    gone.push(name.clone());
                }
                others.push(topic);
            }
            None => others.push(topic),
        }
    }
    gone.extend(told.map(|(name, _)| name.clone()));
    (gone, others)
}

impl State {
    /// Tells what has become of topics and their leaders since the last look, if anything has.
    pub(super) fn tell_topics(&mut self) {
        if self.journaled_topics.version != self.cluster.version() {
            self.tell_leaders();
        }
    }

    /// The same, where the cluster's version does not tell.
    fn tell_leaders(&mut self) {
        if !self.outbox.has_rows() {
            return;
        }
        self.journaled_topics.version = self.cluster.version();
        let told = &mut self.journaled_topics.topics;
        let (gone, others) = differences(told, &self.cluster);
        for topic in gone {
            told.remove(&topic);
            self.outbox.change(|| Event::TopicDeleted { topic });
        }
        for topic in others {
            let seen = TopicLeaders::of(topic);
            self.outbox
                .compare(&topic.name, told.get(&topic.name), &seen);
            told.insert(topic.name.clone(), seen);
        }
    }

    /// Forgets what was told of topics, so that all of them are new.
    pub(super) fn forget_told(&mut self) {
        self.journaled_topics = JournaledTopics::default();
    }

    /// A node went out of service, or came back; elections follow from it.
    pub(super) fn tell_node(&mut self, node: NodeId, up: bool) {
        let node = node.0;
        self.outbox.change(|| {
            if up {
                Event::NodeStarted { node }
            } else {
                Event::NodeStopped { node }
            }
        });
        self.tell_leaders();
    }

    /// A command said where clients reach a node.
    pub(super) fn tell_advertised(
        &mut self,
        (node, listener): (NodeId, ListenerId),
        host: &str,
        port: u16,
    ) {
        let listener = &self.listeners.get(listener).name;
        self.outbox.change(|| Event::Advertised {
            node: node.0,
            listener: listener.clone(),
            host: host.to_owned(),
            port,
        });
    }

    /// A client has logged in with a token.
    pub(super) fn tell_login(&mut self, call: &Call, let_in: LetIn) {
        self.outbox.change(|| Event::LoggedIn {
            connection: call.connection.0,
            node: call.node.0,
            client_id: Some(call.client_id.to_string()),
            mechanism: let_in.mechanism,
            principal: let_in.principal.to_string(),
            session_lifetime_ms: let_in.lasts_ms,
            again: let_in.again,
        });
    }

    /// A client's certificate says who it is.
    pub(super) fn tell_certified(&mut self, (node, connection): (NodeId, ConnectionId)) {
        let principal = self.sasl.principal(connection);
        self.outbox.change(|| Event::LoggedIn {
            connection: connection.0,
            node: node.0,
            client_id: None,
            mechanism: "SSL",
            principal: principal.to_string(),
            session_lifetime_ms: None,
            again: false,
        });
    }

    /// A test has certificates with this name expire, or be good again.
    pub(super) fn tell_certificate(&mut self, name: String, expires: bool) {
        self.outbox.change(|| {
            if expires {
                Event::CertificateExpired { certificate: name }
            } else {
                Event::CertificateRenewed { certificate: name }
            }
        });
    }

    /// A snapshot was put back.
    pub(super) fn tell_restored(&mut self, taken_at: WallMillis) {
        self.tell_topics();
        let taken_at_ms = taken_at.0;
        self.outbox.change(|| Event::Restored { taken_at_ms });
    }

    /// A recording begins.
    pub(super) fn tell_recorded(&mut self) {
        self.outbox.change(|| Event::RecordingBegan);
    }

    /// A transactional id is about to be kept in this state.
    pub(super) fn tell_transaction(&mut self, id: &str, transaction: &Transaction) {
        let before = self.transactions.known(id);
        let from = before.map(|before| before.state().name());
        let to = transaction.state().name();
        let producer = transaction.producer();
        if from == Some(to) && before.is_some_and(|before| before.producer() == producer) {
            return;
        }
        self.outbox.change(|| Event::TransactionState {
            transactional_id: id.to_owned(),
            from,
            to,
            producer_id: producer.id.0,
            producer_epoch: producer.epoch.0,
        });
    }
}

impl Outbox {
    fn compare(&mut self, topic: &str, old: Option<&TopicLeaders>, seen: &TopicLeaders) {
        let partitions = seen.leaders.len();
        let Some(old) = old else {
            return self.change(|| Event::TopicCreated {
                topic: topic.to_owned(),
                partitions,
            });
        };
        let leaders = old.leaders.iter().zip(&seen.leaders);
        for (partition, ((from, _), (to, epoch))) in (0_i32..).zip(leaders) {
            if from != to {
                let (from, to) = (from.map(|node| node.0), to.map(|node| node.0));
                self.moved(topic, partition, (from, to), *epoch);
            }
        }
        if partitions > old.leaders.len() {
            self.change(|| Event::PartitionsAdded {
                topic: topic.to_owned(),
                partitions,
            });
        }
    }

    fn moved(
        &mut self,
        topic: &str,
        partition: i32,
        (from, to): (Option<i32>, Option<i32>),
        epoch: LeaderEpoch,
    ) {
        self.change(|| Event::LeaderMoved {
            topic: topic.to_owned(),
            partition,
            from,
            to,
            leader_epoch: epoch.0,
        });
        let keeps_state = [
            StateTopic::Groups,
            StateTopic::Transactions,
            StateTopic::Shares,
        ];
        if keeps_state.iter().any(|state| state.name() == topic) {
            self.change(|| Event::CoordinatorMoved {
                topic: topic.to_owned(),
                partition,
                from,
                to,
                coordinator_epoch: epoch.0,
            });
        }
    }

    /// The end of a partition's log is another one; what is appended is no change of this kind.
    pub(super) fn log_truncated(&mut self, place: TopicPartition<&str>, (from, to): (i64, i64)) {
        if to < from {
            self.change(|| Event::LogTruncated {
                topic: place.topic.to_owned(),
                partition: place.partition,
                from,
                to,
            });
        }
    }

    /// The beginning of a partition's log is another one.
    pub(super) fn log_start_moved(&mut self, place: TopicPartition<&str>, (from, to): (i64, i64)) {
        if from != to {
            self.change(|| Event::LogStartMoved {
                topic: place.topic.to_owned(),
                partition: place.partition,
                from,
                to,
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::cluster::KeptTopic;

    fn topic(name: &str, id: u128, leaders: &[i32]) -> Topic {
        let partition = |leader: &i32| {
            let node = NodeId(*leader);
            Partition::new(vec![node], &[node], WallMillis(0))
        };
        let kept = KeptTopic {
            name: name.to_owned(),
            id: uuid::Uuid::from_u128(id),
            internal: false,
            partitions_at_first: leaders.len(),
            overrides: Default::default(),
            partitions: Vec::new(),
        };
        let mut topic = kept.into_topic();
        topic.partitions = leaders.iter().map(partition).collect();
        topic
    }

    fn cluster(topics: impl IntoIterator<Item = Topic>) -> Cluster {
        let mut cluster = Cluster::new("cluster".to_owned(), []);
        for topic in topics {
            cluster.insert(topic);
        }
        cluster
    }

    #[test]
    fn only_what_differs_is_told() {
        let before = ["a", "b", "c", "d", "f"].map(|name| topic(name, 1, &[1, 2]));
        let told = before
            .iter()
            .map(|topic| (topic.name.clone(), TopicLeaders::of(topic)))
            .collect();
        let after = cluster([
            topic("b", 1, &[1, 2]),
            topic("c", 2, &[1, 2]),
            topic("d", 1, &[2, 2]),
            topic("e", 1, &[1, 2]),
            topic("g", 1, &[]),
        ]);
        let (gone, others) = differences(&told, &after);
        let others: Vec<&str> = others.iter().map(|topic| topic.name.as_str()).collect();
        assert_eq!(gone, ["a", "c", "f"]);
        assert_eq!(others, ["c", "d", "e", "g"]);
        assert_eq!(differences(&BTreeMap::new(), &after).1.len(), 5);
        let none = cluster([]);
        assert_eq!(differences(&told, &none).0, ["a", "b", "c", "d", "f"]);
    }
}
