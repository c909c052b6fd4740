//! OffsetCommit (key 8), v2–v10 (KIP-211, KIP-320, KIP-345, KIP-848, KIP-516).
//!
//! Oracle: the group takes READ, and so does each topic. Topics and partitions that do not exist are sorted out before the coordinator is asked,
//! so that they hide a wrong generation; if nothing else is left, nobody is asked. Metadata is
//! measured in UTF-16 units. What the coordinator refuses is said of every partition alike.

use crate::engine::authorizer::Operation;
use crate::engine::context::{Answer, Context};
use crate::engine::group::coordinator;
use crate::engine::group::offsets::{CommittedOffset, Committer, OffsetToCommit};
use crate::engine::repeats::{gathered, joined};
use crate::wire::error::ErrorCode;
use crate::wire::messages::offset_commit_response::{
    OffsetCommitResponsePartition, OffsetCommitResponseTopic,
};
use crate::wire::messages::{
    OffsetCommitRequest, OffsetCommitRequestPartition, OffsetCommitRequestTopic,
    OffsetCommitResponse, TopicName,
};
use crate::wire::units::WallMillis;
use uuid::Uuid;

/// The first version that names topics by id (KIP-516).
const TOPIC_IDS_SINCE: i16 = 10;

/// Stands for the broker's own retention.
const DEFAULT_RETENTION: i64 = -1;

/// A topic as the request names it, and what is said of its partitions.
pub(super) type Row = ((TopicName, Uuid), Vec<(i32, ErrorCode)>);

/// A topic that exists, with those partitions that do.
pub(super) struct CommitTopic {
    key: (TopicName, Uuid),
    name: String,
    id: Uuid,
    partitions: Vec<OffsetCommitRequestPartition>,
}

/// Answers at once.
pub(crate) fn handle(
    cx: &mut Context<'_>,
    mut request: OffsetCommitRequest,
) -> Answer<OffsetCommitResponse> {
    let topics = std::mem::take(&mut request.topics);
    let may_commit = cx.access().group(Operation::Read, &request.group_id);
    if let Err(code) = may_commit {
        let topics = denied(topics, code).into_iter().map(answer);
        return Answer::Reply(OffsetCommitResponse::default().with_topics(topics.collect()));
    }
    let (refused, known) = sorted(cx, topics, cx.call.version >= TOPIC_IDS_SINCE);
    let decided = if known.is_empty() {
        Vec::new()
    } else {
        commit(cx, &request, known)
    };
    let topics = joined(refused, decided).into_iter().map(answer);
    Answer::Reply(OffsetCommitResponse::default().with_topics(topics.collect()))
}

/// One error for all that a request names.
pub(super) fn denied(topics: Vec<OffsetCommitRequestTopic>, code: ErrorCode) -> Vec<Row> {
    let row = |topic: OffsetCommitRequestTopic| {
        let partitions = topic.partitions.iter();
        let rows = partitions.map(|asked| (asked.partition_index, code));
        ((topic.name, topic.topic_id), rows.collect())
    };
    topics.into_iter().map(row).collect()
}

/// What cannot be committed to, and what can.
pub(super) fn sorted(
    cx: &Context<'_>,
    topics: Vec<OffsetCommitRequestTopic>,
    by_id: bool,
) -> (Vec<Row>, Vec<CommitTopic>) {
    let mut refused = Vec::new();
    let mut known = Vec::new();
    for topic in topics {
        let key = (topic.name, topic.topic_id);
        let found = if by_id {
            cx.state.cluster.topic_by_id(key.1)
        } else {
            cx.state.cluster.topic(&key.0)
        };
        let named = match found {
            Some(found) => Some(found.name.as_str()),
            None if by_id => None,
            None => Some(key.0.as_str()),
        };
        let may_read = named.map(|name| cx.access().topic(Operation::Read, name));
        let Some(found) = found.filter(|_| may_read == Some(Ok(()))) else {
            let code = match may_read {
                None => ErrorCode::UnknownTopicId,
                Some(Err(code)) => code,
                Some(Ok(())) => ErrorCode::UnknownTopicOrPartition,
            };
            // Oracle: a topic that does not exist is answered even if no partition is named.
            let partitions = topic.partitions.iter();
            let rows = partitions.map(|asked| (asked.partition_index, code));
            refused.push((key, rows.collect()));
            continue;
        };
        let (there, missing): (Vec<_>, Vec<_>) = topic
            .partitions
            .into_iter()
            .partition(|asked| found.partition(asked.partition_index).is_some());
        for asked in missing {
            let row = (asked.partition_index, ErrorCode::UnknownTopicOrPartition);
            refused.push((key.clone(), vec![row]));
        }
        if !there.is_empty() {
            known.push(CommitTopic {
                key,
                name: found.name.clone(),
                id: found.id,
                partitions: there,
            });
        }
    }
    (gathered(refused), known)
}

/// What the coordinator says.
fn commit(
    cx: &mut Context<'_>,
    request: &OffsetCommitRequest,
    topics: Vec<CommitTopic>,
) -> Vec<Row> {
    let retention = request.retention_time_ms;
    let expire_timestamp = (retention != DEFAULT_RETENTION)
        .then(|| WallMillis(cx.now.wall.0.saturating_add(retention)));
    let (mut rows, offsets) = measured(cx, topics, expire_timestamp);
    if let Err(code) = ask_coordinator(cx, request, offsets) {
        refuse_all(&mut rows, code);
    }
    rows
}

/// What is said of each partition, and the offsets whose metadata is not too large.
pub(super) fn measured(
    cx: &Context<'_>,
    topics: Vec<CommitTopic>,
    expire_timestamp: Option<WallMillis>,
) -> (Vec<Row>, Vec<OffsetToCommit>) {
    let broker = cx.state.broker_config(cx.call.node);
    let metadata_max = broker.offset_metadata_max_bytes;
    let mut rows = Vec::with_capacity(topics.len());
    let mut offsets = Vec::new();
    for topic in topics {
        let mut partitions = Vec::with_capacity(topic.partitions.len());
        for asked in topic.partitions {
            let metadata = asked.committed_metadata.unwrap_or_default();
            if metadata.encode_utf16().count() > metadata_max {
                partitions.push((asked.partition_index, ErrorCode::OffsetMetadataTooLarge));
                continue;
            }
            partitions.push((asked.partition_index, ErrorCode::None));
            offsets.push(OffsetToCommit {
                topic: topic.name.clone(),
                partition: asked.partition_index,
                committed: CommittedOffset {
                    offset: asked.committed_offset,
                    leader_epoch: asked.committed_leader_epoch,
                    metadata,
                    commit_timestamp: cx.now.wall,
                    expire_timestamp,
                    topic_id: topic.id,
                },
            });
        }
        rows.push((topic.key, partitions));
    }
    (rows, offsets)
}

/// Says the same of every partition.
pub(super) fn refuse_all(rows: &mut [Row], code: ErrorCode) {
    let all = rows.iter_mut().flat_map(|(_, partitions)| partitions);
    all.for_each(|(_, said)| *said = code);
}

fn ask_coordinator(
    cx: &mut Context<'_>,
    request: &OffsetCommitRequest,
    offsets: Vec<OffsetToCommit>,
) -> Result<(), ErrorCode> {
    coordinator::check_may_make(cx.read_only(), &request.group_id)?;
    let committer = Committer {
        group: &request.group_id,
        connection: cx.call.connection,
        member: &request.member_id,
        instance: request.group_instance_id.as_deref(),
        generation: request.generation_id_or_member_epoch,
        version: cx.call.version,
        producer: None,
    };
    cx.with_groups(|groups, turn| groups.commit_offsets(turn, &committer, offsets))
}

fn answer(((name, id), partitions): Row) -> OffsetCommitResponseTopic {
    let partition = |(index, code): (i32, ErrorCode)| {
        OffsetCommitResponsePartition::default()
            .with_partition_index(index)
            .with_error_code(code.code())
    };
    OffsetCommitResponseTopic::default()
        .with_name(name)
        .with_topic_id(id)
        .with_partitions(partitions.into_iter().map(partition).collect())
}
