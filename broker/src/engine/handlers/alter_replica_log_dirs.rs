//! AlterReplicaLogDirs (key 34), v1–v2 (KIP-113).
//!
//! Oracle: each partition is answered once, for the directory that it was named with last. A name that
//! is too long for a folder comes first, then the directory, as a text; only then the partition. Nothing
//! changes for a replica that is there already; one that is not yet on the broker is to begin there.

use std::collections::BTreeMap;

use crate::engine::authorizer::Operation;
use crate::engine::context::{Answer, Context};
use crate::engine::topic_partition::TopicPartition;
use crate::wire::error::ErrorCode;
use crate::wire::messages::alter_replica_log_dirs_request::AlterReplicaLogDirTopic;
use crate::wire::messages::alter_replica_log_dirs_response::{
    AlterReplicaLogDirPartitionResult, AlterReplicaLogDirTopicResult,
};
use crate::wire::messages::{
    AlterReplicaLogDirsRequest, AlterReplicaLogDirsResponse, StrBytes, TopicName,
};

/// The longest name of a folder.
const FOLDER_NAME_MAX: usize = 255;

/// What a folder's name has beside topic and partition while a replica moves: a dash, a dot, a UUID
/// without dashes, and "-future".
const FOLDER_NAME_REST: usize = 41;

/// Answers at once.
pub(crate) fn handle(
    cx: &mut Context<'_>,
    request: AlterReplicaLogDirsRequest,
) -> Answer<AlterReplicaLogDirsResponse> {
    if let Err(code) = cx.access().cluster(Operation::Alter) {
        let topics = request.dirs.into_iter().flat_map(|dir| dir.topics);
        let results = topics.map(|topic| denied(topic, code)).collect();
        return Answer::Reply(AlterReplicaLogDirsResponse::default().with_results(results));
    }
    let mut wanted = BTreeMap::<TopicName, BTreeMap<i32, StrBytes>>::new();
    for dir in request.dirs {
        for topic in dir.topics {
            let partitions = topic.partitions.iter();
            let partitions = partitions.map(|index| (*index, dir.path.clone()));
            if !topic.partitions.is_empty() {
                wanted.entry(topic.name).or_default().extend(partitions);
            }
        }
    }
    let results = wanted.into_iter().map(|(name, partitions)| {
        let rows = partitions.into_iter().map(|(index, dir)| {
            let code = alter(cx, TopicPartition::at(&name, index), &dir).err();
            AlterReplicaLogDirPartitionResult::default()
                .with_partition_index(index)
                .with_error_code(code.unwrap_or(ErrorCode::None).code())
        });
        AlterReplicaLogDirTopicResult::default()
            .with_partitions(rows.collect())
            .with_topic_name(name)
    });
    let results = results.collect();
    Answer::Reply(AlterReplicaLogDirsResponse::default().with_results(results))
}

/// One error for all partitions of a topic.
fn denied(topic: AlterReplicaLogDirTopic, code: ErrorCode) -> AlterReplicaLogDirTopicResult {
    let rows = topic.partitions.iter().map(|index| {
        AlterReplicaLogDirPartitionResult::default()
            .with_partition_index(*index)
            .with_error_code(code.code())
    });
    AlterReplicaLogDirTopicResult::default()
        .with_partitions(rows.collect())
        .with_topic_name(topic.name)
}

fn alter(cx: &mut Context<'_>, place: TopicPartition<&str>, dir: &str) -> Result<(), ErrorCode> {
    let TopicPartition {
        topic: name,
        partition: index,
    } = place;
    let length = name.encode_utf16().count() + index.to_string().len() + FOLDER_NAME_REST;
    if length > FOLDER_NAME_MAX {
        return Err(ErrorCode::InvalidTopicException);
    }
    let node = cx.call.node;
    if !cx.state.log_dirs_of(node).iter().any(|known| known == dir) {
        return Err(ErrorCode::LogDirNotFound);
    }
    if cx.state.is_cordoned(node, dir) {
        return Err(ErrorCode::InvalidReplicaAssignment);
    }
    let topic = cx.state.cluster.topic(name);
    let partition = topic.and_then(|topic| topic.partition(index));
    let code = match partition {
        None => Err(ErrorCode::UnknownTopicOrPartition),
        Some(partition) if !partition.replicas.contains(&node) => {
            Err(ErrorCode::ReplicaNotAvailable)
        }
        Some(_) => Ok(()),
    };
    cx.state.move_replica(node, place, dir);
    code
}
