//! The log directories of nodes, and which replica lies in which (KIP-113).
//!
//! Nothing is on disk: a directory is a name. A replica that nobody gave a place lies where the fewest
//! are, as with Kafka; that is decided once somebody asks, when nobody can tell when it was. A move is
//! complete at once, since there is nothing to copy.

use std::collections::BTreeMap;

use uuid::Uuid;

use super::state::State;
use crate::engine::topic_partition::TopicPartition;
use crate::wire::units::NodeId;

/// Where Kafka keeps its logs unless told otherwise.
const DEFAULT_DIRECTORY: &str = "/tmp/kafka-logs";

/// What stands for all directories among those that are cordoned (KIP-1066).
const ALL: &str = "*";

/// The most replicas to be of which it is kept where they are to lie.
const WANTED_MAX: usize = 10_000;

/// A replica: its node, its topic and its partition.
type Replica = (NodeId, Uuid, i32);

/// Where replicas lie, on nodes with several directories.
#[derive(Debug, Default)]
pub(crate) struct LogDirs {
    places: BTreeMap<Replica, String>,
    /// Where replicas that are not there yet are to begin.
    wanted: BTreeMap<(NodeId, TopicPartition), String>,
}

impl State {
    /// A node's log directories, as they are written.
    pub(crate) fn log_dirs_of(&self, node: NodeId) -> Vec<String> {
        let listed = self.listed(node, "log.dirs");
        let listed = listed.or_else(|| self.listed(node, "log.dir"));
        listed.unwrap_or_else(|| vec![DEFAULT_DIRECTORY.to_owned()])
    }

    fn listed(&self, node: NodeId, name: &str) -> Option<Vec<String>> {
        let text = self.configs.broker_value(node, name).to_text()?;
        let mut dirs: Vec<String> = Vec::new();
        for dir in text.split(',').map(str::trim) {
            if !dir.is_empty() && !dirs.iter().any(|known| known == dir) {
                dirs.push(dir.to_owned());
            }
        }
        (!dirs.is_empty()).then_some(dirs)
    }

    /// Whether nothing new may come into a directory.
    pub(crate) fn is_cordoned(&self, node: NodeId, dir: &str) -> bool {
        let cordoned = &self.broker_config(node).cordoned_log_dirs;
        cordoned.iter().any(|name| name == ALL || name == dir)
    }

    /// Whether a node has a directory into which replicas may come. Every new topic asks.
    pub(crate) fn takes_replicas(&self, node: NodeId) -> bool {
        self.broker_config(node).cordoned_log_dirs.is_empty()
            || self
                .log_dirs_of(node)
                .iter()
                .any(|dir| !self.is_cordoned(node, dir))
    }

    /// Lets a replica lie in one of its node's directories, or begin there once it comes.
    pub(crate) fn move_replica(&mut self, node: NodeId, place: TopicPartition<&str>, dir: &str) {
        let TopicPartition {
            topic,
            partition: index,
        } = place;
        if self.log_dirs_of(node).len() < 2 {
            return;
        }
        let found = self.cluster.topic(topic);
        let is_here = found.is_some_and(|topic| {
            let partition = topic.partition(index);
            partition.is_some_and(|partition| partition.replicas.contains(&node))
        });
        if let Some(topic) = found.filter(|_| is_here) {
            let replica = (node, topic.id, index);
            self.log_dirs.places.insert(replica, dir.to_owned());
        } else if self.log_dirs.wanted.len() < WANTED_MAX {
            let replica = (node, place.owned());
            self.log_dirs.wanted.insert(replica, dir.to_owned());
        }
    }

    /// Gives each replica of a node that has none its place, and forgets those that are gone.
    pub(crate) fn settle_log_dirs(&mut self, node: NodeId) {
        let dirs = self.log_dirs_of(node);
        let here = match dirs.len() {
            0 | 1 => BTreeMap::new(),
            _ => self.replicas_on(node),
        };
        let places = &mut self.log_dirs.places;
        places.retain(|replica, dir| {
            replica.0 != node || (dirs.contains(dir) && here.contains_key(replica))
        });
        if here.is_empty() {
            return;
        }
        let mut counts: Vec<(usize, &String)> = Vec::new();
        for dir in dirs.iter().filter(|dir| !self.is_cordoned(node, dir)) {
            let places = self.log_dirs.places.iter();
            let in_it = places.filter(|(replica, place)| replica.0 == node && *place == dir);
            counts.push((in_it.count(), dir));
        }
        let LogDirs { places, wanted } = &mut self.log_dirs;
        for (replica, topic) in here {
            if places.contains_key(&replica) {
                continue;
            }
            let asked = wanted.remove(&(node, TopicPartition::new(&topic, replica.2)));
            let emptiest = counts.iter().min_by_key(|(count, _)| *count);
            let emptiest = || emptiest.map(|(_, dir)| (*dir).clone());
            let dir = asked.filter(|dir| dirs.contains(dir)).or_else(emptiest);
            // With all of them cordoned the first one takes what there is.
            let Some(dir) = dir.or_else(|| dirs.first().cloned()) else {
                return;
            };
            if let Some((count, _)) = counts.iter_mut().find(|(_, known)| **known == dir) {
                *count = count.saturating_add(1);
            }
            places.insert(replica, dir);
        }
    }

    /// The replicas that a node has, with the names of their topics.
    fn replicas_on(&self, node: NodeId) -> BTreeMap<Replica, String> {
        let mut here = BTreeMap::new();
        for topic in self.cluster.topics() {
            for (index, partition) in (0..).zip(&topic.partitions) {
                if partition.replicas.contains(&node) {
                    here.insert((node, topic.id, index), topic.name.clone());
                }
            }
        }
        here
    }

    /// The directory of a replica; nothing where a node has only one.
    pub(crate) fn log_dir_of(&self, node: NodeId, topic: Uuid, index: i32) -> Option<&str> {
        let place = self.log_dirs.places.get(&(node, topic, index));
        place.map(String::as_str)
    }
}

#[cfg(test)]
mod tests {
    use crate::engine::testing::Bench;
    use crate::engine::topic_partition::TopicPartition;
    use crate::wire::units::NodeId;

    const NODE: NodeId = NodeId(0);

    /// The partitions in each of the two directories.
    fn shown(bench: &mut Bench) -> [Vec<String>; 2] {
        bench.engine.state.settle_log_dirs(NODE);
        ["/one", "/two"].map(|dir| {
            let topics = bench.engine.state.cluster.topics();
            let partitions = topics.flat_map(|topic| {
                let count = 0..i32::try_from(topic.partitions.len()).unwrap();
                let lies = |index: &i32| {
                    bench.engine.state.log_dir_of(NODE, topic.id, *index) == Some(dir)
                };
                count
                    .filter(lies)
                    .map(|index| format!("{}-{index}", topic.name))
            });
            partitions.collect()
        })
    }

    #[test]
    fn replicas_spread_move_and_begin_where_they_are_wanted() {
        let mut bench = Bench::new(&[("log.dirs", "/one, /two")]);
        bench.topic("a", 3);
        assert_eq!(shown(&mut bench), [vec!["a-0", "a-2"], vec!["a-1"]]);
        bench
            .engine
            .state
            .move_replica(NODE, TopicPartition::at("a", 2), "/two");
        bench
            .engine
            .state
            .move_replica(NODE, TopicPartition::at("b", 0), "/two");
        bench.topic("b", 2);
        assert_eq!(
            shown(&mut bench),
            [vec!["a-0", "b-1"], vec!["a-1", "a-2", "b-0"]]
        );
        bench.engine.state.cluster.remove("a");
        assert_eq!(shown(&mut bench), [vec!["b-1"], vec!["b-0"]]);
        assert!(bench.engine.state.log_dirs.wanted.is_empty());
    }

    #[test]
    fn nothing_comes_into_a_directory_that_is_cordoned() {
        let mut bench = Bench::new(&[("log.dirs", "/one,/two"), ("cordoned.log.dirs", "/one")]);
        bench.topic("a", 2);
        assert_eq!(shown(&mut bench), [vec![], vec!["a-0", "a-1"]]);
        assert!(bench.engine.state.takes_replicas(NODE));
        let bench = Bench::new(&[("cordoned.log.dirs", "*")]);
        assert!(!bench.engine.state.takes_replicas(NODE));
    }
}
