//! OffsetDelete (key 47), v0 (KIP-496).
//!
//! Oracle: the group takes DELETE, each topic READ. Topics and partitions that do not exist are sorted out before the coordinator is asked,
//! which is asked even if nothing is left; what it says of the whole group hides them.

use crate::engine::authorizer::Operation;
use crate::engine::context::{Answer, Context};
use crate::engine::group::coordinator;
use crate::engine::repeats::{gathered, joined};
use crate::wire::error::ErrorCode;
use crate::wire::messages::offset_delete_request::OffsetDeleteRequestTopic;
use crate::wire::messages::offset_delete_response::{
    OffsetDeleteResponsePartition, OffsetDeleteResponseTopic,
};
use crate::wire::messages::{OffsetDeleteRequest, OffsetDeleteResponse, TopicName};

/// A topic and what is said of its partitions.
type Row = (TopicName, Vec<(i32, ErrorCode)>);

/// Answers at once.
pub(crate) fn handle(
    cx: &mut Context<'_>,
    request: OffsetDeleteRequest,
) -> Answer<OffsetDeleteResponse> {
    let response = OffsetDeleteResponse::default();
    let may_delete = cx.access().group(Operation::Delete, &request.group_id);
    if let Err(code) = may_delete {
        return Answer::Reply(response.with_error_code(code.code()));
    }
    let (refused, known) = sorted(cx, request.topics);
    Answer::Reply(match delete(cx, &request.group_id, known) {
        Ok(decided) => {
            let topics = joined(refused, decided).into_iter().map(answer);
            response.with_topics(topics.collect())
        }
        Err(code) => response.with_error_code(code.code()),
    })
}

/// What has no partition to delete from, and what has.
fn sorted(
    cx: &Context<'_>,
    topics: Vec<OffsetDeleteRequestTopic>,
) -> (Vec<Row>, Vec<(TopicName, Vec<i32>)>) {
    let mut refused = Vec::new();
    let mut known = Vec::new();
    for topic in topics {
        let may_read = cx.access().topic(Operation::Read, &topic.name);
        let found = cx.state.cluster.topic(&topic.name);
        let found = found.filter(|_| may_read.is_ok());
        let code = may_read.err().unwrap_or(ErrorCode::UnknownTopicOrPartition);
        let exists = |index: i32| found.is_some_and(|found| found.partition(index).is_some());
        let indexes = topic.partitions.iter().map(|asked| asked.partition_index);
        let (there, missing): (Vec<_>, Vec<_>) = indexes.partition(|index| exists(*index));
        // Oracle: a topic that does not exist is answered even if no partition is named.
        if found.is_none() || !missing.is_empty() {
            let rows = missing.into_iter();
            let rows = rows.map(|index| (index, code));
            refused.push((topic.name.clone(), rows.collect()));
        }
        if !there.is_empty() {
            known.push((topic.name, there));
        }
    }
    (gathered(refused), known)
}

fn delete(
    cx: &mut Context<'_>,
    group: &str,
    topics: Vec<(TopicName, Vec<i32>)>,
) -> Result<Vec<Row>, ErrorCode> {
    coordinator::check_name(group)?;
    coordinator::check(cx.read_only(), group)?;
    let asked: Vec<(&str, &[i32])> = topics
        .iter()
        .map(|(name, partitions)| (&***name, partitions.as_slice()))
        .collect();
    let said = cx.with_groups(|groups, turn| groups.delete_offsets(turn, group, &asked))?;
    let mut said = said.into_iter();
    let rows = topics.into_iter().map(|(name, partitions)| {
        let rows = partitions.into_iter().zip(said.by_ref());
        (name, rows.collect())
    });
    Ok(rows.collect())
}

fn answer((name, partitions): Row) -> OffsetDeleteResponseTopic {
    let partition = |(index, code): (i32, ErrorCode)| {
        OffsetDeleteResponsePartition::default()
            .with_partition_index(index)
            .with_error_code(code.code())
    };
    OffsetDeleteResponseTopic::default()
        .with_name(name)
        .with_partitions(partitions.into_iter().map(partition).collect())
}
