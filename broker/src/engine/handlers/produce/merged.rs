//! A request that names a partition more than once: its last batch counts, and is answered once.

use super::TopicKey;
use super::answers::FailedBatch;
use crate::engine::repeats::grouped;
use crate::wire::batch::UnverifiedBatch;
use crate::wire::messages::{PartitionProduceData, TopicProduceData};

/// A partition as a request names it, once or more often.
#[derive(Debug, PartialEq)]
pub(super) struct MergedPartition {
    /// The last records that have the right form; records without it if there are no others.
    pub(super) data: PartitionProduceData,
    /// Why the last records of a wrong form have it: that is answered, though others are written.
    pub(super) malformed: Option<FailedBatch>,
}

/// The topics in the order of the request, each partition once.
pub(super) fn merged(
    topics: Vec<TopicProduceData>,
    version: i16,
) -> Vec<(TopicKey, Vec<MergedPartition>)> {
    let all = topics.into_iter().flat_map(|topic| {
        let key = (topic.name, topic.topic_id);
        let partitions = topic.partition_data.into_iter();
        partitions.map(move |data| ((key.clone(), data.index), data))
    });
    let partitions = grouped(all).into_iter();
    grouped(
        partitions
            .filter_map(|((topic, _), given)| Some((topic, MergedPartition::of(given, version)?))),
    )
}

impl MergedPartition {
    fn of(given: Vec<PartitionProduceData>, version: i16) -> Option<Self> {
        let is_repeated = given.len() > 1;
        let mut named: Option<Self> = None;
        for data in given {
            let form = UnverifiedBatch::from_produce(&data.records, version);
            let malformed = form.err().filter(|_| is_repeated).map(FailedBatch::from);
            match (&mut named, malformed) {
                (Some(named), Some(failed)) => named.malformed = Some(failed),
                (Some(named), None) => named.data = data,
                (none, malformed) => *none = Some(Self { data, malformed }),
            }
        }
        named
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::*;

    #[test]
    fn a_repeated_partition_counts_once() {
        let data = |index, text: &'static str| {
            let bytes = Bytes::from_static(text.as_bytes());
            PartitionProduceData {
                index,
                records: Some(bytes).into(),
            }
        };
        let topic = |partition_data| TopicProduceData {
            partition_data,
            ..TopicProduceData::default()
        };
        let topics = vec![
            topic(vec![data(0, "a"), data(1, "b"), data(0, "c")]),
            topic(vec![data(1, "d")]),
            topic(vec![]),
        ];
        let merged = merged(topics, 12);
        let merged: Vec<_> = merged.into_iter().flat_map(|(_, named)| named).collect();
        let rows: Vec<_> = merged.iter().map(|named| &named.data).collect();
        assert_eq!(rows, [&data(0, "a"), &data(1, "b")]);
        assert!(merged.iter().all(|named| named.malformed.is_some()));
    }
}
