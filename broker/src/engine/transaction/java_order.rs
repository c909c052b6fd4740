//! The orders in which Java walks a transaction's partitions, which show in the state topic's records and in
//! DescribeTransactions.

use super::metadata::{Open, TopicPartition};
use crate::engine::cluster::configs::java_order::{bucket_count, sort_by_name, spread};
use crate::engine::state_topic::java_hash;

impl Open {
    /// Topics with their partitions as a `java.util.HashSet` of all of them has them: a topic comes with its
    /// first partition.
    pub(crate) fn by_topic(&self) -> Vec<(&str, Vec<i32>)> {
        let mut places: Vec<&TopicPartition> = self.partitions.iter().collect();
        let buckets = bucket_count(places.len());
        places.sort_by_key(|place| spread(hash(place)) & (buckets - 1));
        let mut topics: Vec<(&str, Vec<i32>)> = Vec::new();
        for TopicPartition { topic, partition } in places {
            match topics.iter_mut().find(|(known, _)| known == topic) {
                Some((_, partitions)) => partitions.push(*partition),
                None => topics.push((topic, vec![*partition])),
            }
        }
        topics
    }

    /// The same, with the topics in the order of a `java.util.HashMap` by name.
    pub(super) fn by_topic_name(&self) -> Vec<(&str, Vec<i32>)> {
        let mut topics = self.by_topic();
        sort_by_name(&mut topics, |(topic, _)| topic);
        topics
    }
}

/// Kafka's `TopicPartition.hashCode`.
fn hash(place: &TopicPartition) -> u32 {
    let partition = place.partition.cast_unsigned().wrapping_add(31);
    let hash = partition.wrapping_mul(31);
    hash.wrapping_add(java_hash(&place.topic))
}
