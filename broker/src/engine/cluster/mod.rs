//! The cluster's state: nodes, topics, configurations.

pub(crate) mod configs;
mod membership;
mod topic;

use std::cell::OnceCell;
use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::java::{hash, pcollections, scala};
use crate::wire::units::NodeId;
use configs::{Overrides, TopicConfig, TopicSettings};
pub(crate) use membership::Membership;
pub(crate) use topic::{KeptTopic, Partition, Topic};

/// A broker of the cluster.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Node {
    pub(crate) id: NodeId,
    pub(crate) rack: Option<String>,
    /// In service; Kafka would say unfenced.
    pub(crate) up: bool,
}

/// Nodes and topics.
#[derive(Debug)]
pub(crate) struct Cluster {
    /// As Kafka shows it: a UUID in base64.
    pub(crate) id: String,
    /// Those whose brokers are registered.
    pub(crate) nodes: BTreeMap<NodeId, Node>,
    membership: Membership,
    topics: BTreeMap<String, Topic>,
    /// Places of `topics`, in the order in which Kafka lists all of them; emptied when topics come or go.
    listed: OnceCell<Vec<usize>>,
    /// The settings of all topics that have none of their own, once somebody has asked.
    pub(crate) plain_config: OnceCell<Arc<TopicConfig>>,
    /// Topics that the controller has made and the brokers have yet to hear of.
    coming: BTreeMap<String, Topic>,
    names_by_id: BTreeMap<Uuid, String>,
    /// Those of all topics together, which each new topic is weighed with.
    partitions: usize,
    version: u64,
    version_of_new_topics: u64,
}

impl Cluster {
    pub(crate) fn new(id: String, nodes: impl IntoIterator<Item = Node>) -> Self {
        Self {
            id,
            nodes: nodes.into_iter().map(|node| (node.id, node)).collect(),
            membership: Membership::default(),
            topics: BTreeMap::new(),
            listed: OnceCell::new(),
            plain_config: OnceCell::new(),
            coming: BTreeMap::new(),
            names_by_id: BTreeMap::new(),
            partitions: 0,
            version: 1,
            version_of_new_topics: 1,
        }
    }

    /// The node that clients are told to be the controller: the first that is in service.
    pub(crate) fn controller(&self) -> NodeId {
        let mut nodes = self.nodes.values();
        let live = nodes.clone().find(|node| node.up);
        live.or_else(|| nodes.next())
            .map_or(NodeId(-1), |node| node.id)
    }

    /// Nodes that are in service.
    pub(crate) fn live_ids(&self) -> Vec<NodeId> {
        let nodes = self.nodes.values().filter(|node| node.up);
        nodes.map(|node| node.id).collect()
    }

    pub(crate) fn is_up(&self, node: NodeId) -> bool {
        self.nodes.get(&node).is_some_and(|node| node.up)
    }

    /// All registered nodes, those that are stopped as well.
    pub(crate) fn node_ids(&self) -> Vec<NodeId> {
        self.nodes.keys().copied().collect()
    }

    pub(crate) fn rack(&self, node: NodeId) -> Option<&str> {
        self.nodes.get(&node)?.rack.as_deref()
    }

    pub(crate) fn topic(&self, name: &str) -> Option<&Topic> {
        self.topics.get(name)
    }

    pub(crate) fn topic_mut(&mut self, name: &str) -> Option<&mut Topic> {
        self.topics.get_mut(name)
    }

    pub(crate) fn topic_by_id(&self, id: Uuid) -> Option<&Topic> {
        self.topics.get(self.names_by_id.get(&id)?)
    }

    /// The name of the topic that has this id.
    pub(crate) fn topic_name(&self, id: Uuid) -> Option<String> {
        self.topic_by_id(id).map(|topic| topic.name.clone())
    }

    /// The partitions of all topics.
    pub(crate) const fn partition_count(&self) -> usize {
        self.partitions
    }

    /// Adds partitions to a topic.
    pub(crate) fn add_partitions(&mut self, topic: &str, new: impl Iterator<Item = Partition>) {
        if let Some(known) = self.topics.get_mut(topic) {
            let before = known.partitions.len();
            known.partitions.extend(new);
            self.partitions += known.partitions.len() - before;
        }
    }

    /// All topics, by name.
    pub(crate) fn topics(&self) -> impl Iterator<Item = &Topic> {
        self.topics.values()
    }

    /// All topics as Kafka's answers list them: it copies its metadata, a tree by hash, into a mutable set of Scala's.
    pub(crate) fn topics_as_listed(&self) -> Vec<&Topic> {
        let topics: Vec<&Topic> = self.topics.values().collect();
        let places = self.listed.get_or_init(|| {
            let mut rows: Vec<_> = topics
                .iter()
                .map(|topic| topic.name.as_str())
                .zip(0..)
                .collect();
            pcollections::sort_by_name(&mut rows, |(name, _)| name);
            scala::sort_mutable(&mut rows, |(name, _)| hash::of_str(name));
            rows.into_iter().map(|(_, place)| place).collect()
        });
        let places = places.iter();
        places
            .filter_map(|place| topics.get(*place).copied())
            .collect()
    }

    pub(crate) fn topics_mut(&mut self) -> impl Iterator<Item = &mut Topic> {
        self.topics.values_mut()
    }

    pub(crate) fn insert(&mut self, topic: Topic) {
        self.changed();
        self.version_of_new_topics = self.version;
        self.listed.take();
        self.names_by_id.insert(topic.id, topic.name.clone());
        self.partitions += topic.partitions.len();
        if let Some(before) = self.topics.insert(topic.name.clone(), topic) {
            self.partitions -= before.partitions.len();
        }
    }

    /// Keeps a topic that is to be inserted later.
    pub(crate) fn hold_back(&mut self, topic: Topic) {
        self.coming.insert(topic.name.clone(), topic);
    }

    /// Takes a topic that was held back.
    pub(crate) fn take_coming(&mut self, name: &str) -> Option<Topic> {
        self.coming.remove(name)
    }

    /// The topics that are held back.
    pub(crate) fn coming(&self) -> impl Iterator<Item = &Topic> {
        self.coming.values()
    }

    pub(crate) fn is_coming(&self, name: &str) -> bool {
        self.coming.contains_key(name)
    }

    pub(crate) fn remove(&mut self, name: &str) -> Option<Topic> {
        let topic = self.topics.remove(name)?;
        self.changed();
        self.listed.take();
        self.names_by_id.remove(&topic.id);
        self.partitions -= topic.partitions.len();
        Some(topic)
    }

    /// What lasts of it: its id, its nodes and its topics.
    pub(crate) fn keep(&self) -> (String, Vec<Node>, Vec<KeptTopic>) {
        let Self {
            id,
            nodes,
            // Who votes is asked for apart; who is not registered is not there.
            membership: _,
            topics,
            listed: _,
            plain_config: _,
            coming,
            names_by_id: _,
            partitions: _,
            version: _,
            version_of_new_topics: _,
        } = self;
        let nodes = nodes.values().cloned().collect();
        // The controller has them all.
        let topics = topics.values().chain(coming.values());
        let topics = topics.map(Topic::keep).collect();
        (id.clone(), nodes, topics)
    }

    /// Leaves no topics.
    pub(crate) fn forget_topics(&mut self) {
        self.changed();
        self.listed.take();
        self.topics.clear();
        self.coming.clear();
        self.names_by_id.clear();
        self.partitions = 0;
    }

    /// Grows whenever topics or their partitions become others.
    pub(crate) const fn version(&self) -> u64 {
        self.version
    }

    /// The version that the last new topic made.
    pub(crate) const fn version_of_new_topics(&self) -> u64 {
        self.version_of_new_topics
    }

    /// Says that topics or their partitions have become others.
    pub(crate) const fn changed(&mut self) {
        self.version = self.version.saturating_add(1);
    }

    pub(crate) fn partition_mut(&mut self, topic: &str, index: i32) -> Option<&mut Partition> {
        self.topics.get_mut(topic)?.partition_mut(index)
    }
}

impl TopicSettings for Cluster {
    fn overrides(&self, topic: &str) -> Option<&Overrides> {
        self.topic(topic).map(|topic| &topic.overrides)
    }

    fn set_overrides(&mut self, topic: &str, overrides: Overrides) {
        if let Some(topic) = self.topic_mut(topic) {
            topic.overrides = overrides;
        }
    }

    fn names(&self) -> Vec<&str> {
        self.topics.keys().map(String::as_str).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn topic(name: &str) -> Topic {
        let kept = KeptTopic {
            name: name.to_owned(),
            id: Uuid::from_u128(name.bytes().fold(0, |id, byte| id << 8 | u128::from(byte))),
            internal: false,
            partitions_at_first: 0,
            overrides: Overrides::default(),
            partitions: Vec::new(),
        };
        kept.into_topic()
    }

    #[test]
    fn topics_that_come_and_go_have_their_place_in_the_list() {
        let mut cluster = Cluster::new("cluster".to_owned(), []);
        let listed = |cluster: &Cluster| {
            let topics = cluster.topics_as_listed().into_iter();
            topics.map(|topic| topic.name.clone()).collect::<Vec<_>>()
        };
        assert_eq!(listed(&cluster), [""; 0]);
        for name in ["orders", "abc", "zz"] {
            cluster.insert(topic(name));
        }
        let three = listed(&cluster);
        assert_eq!(three, listed(&cluster));
        cluster.insert(topic("t.1"));
        let four = listed(&cluster);
        assert!(
            four.contains(&"t.1".to_owned()) && four.len() == 4,
            "{four:?}"
        );
        cluster.remove("t.1");
        assert_eq!(listed(&cluster), three);
        cluster.forget_topics();
        assert_eq!(listed(&cluster), [""; 0]);
    }
}
