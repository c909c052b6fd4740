//! DescribeTopicPartitions (key 75), v0 (KIP-966).
//!
//! Oracle: topics come sorted and once each; an answer holds so many partitions at most, but one at
//! least, and says where to go on. The cursor's topic must be among those asked for. A partition without a
//! leader is no error here.

use std::collections::BTreeSet;

use super::metadata::{broker_id, broker_ids, offline};
use crate::engine::authorizer::{Operation, ResourceType};
use crate::engine::cluster::configs::topic_name_fault;
use crate::engine::cluster::{Partition, Topic};
use crate::engine::context::{Answer, ReadContext};
use crate::engine::java::hash_map;
use crate::engine::topics::plan::is_internal;
use crate::wire::error::ErrorCode;
use crate::wire::messages::describe_topic_partitions_request::Cursor as From;
use crate::wire::messages::describe_topic_partitions_response::{
    Cursor, DescribeTopicPartitionsResponsePartition, DescribeTopicPartitionsResponseTopic,
};
use crate::wire::messages::{
    BrokerId, DescribeTopicPartitionsRequest, DescribeTopicPartitionsResponse, TopicName,
};

/// Answers at once.
#[expect(clippy::needless_pass_by_value, reason = "all handlers have one shape")]
pub(crate) fn handle(
    cx: ReadContext<'_>,
    request: DescribeTopicPartitionsRequest,
) -> Answer<DescribeTopicPartitionsResponse> {
    if let Some(code) = fault(&request) {
        let topics = request.topics.iter();
        let refused = topics.map(|topic| failed(topic.name.clone(), code));
        let response = DescribeTopicPartitionsResponse::default();
        return Answer::Reply(response.with_topics(refused.collect()));
    }
    let limit = cx
        .state
        .configs
        .broker(cx.call.node)
        .describe_partitions_max;
    let asked = usize::try_from(request.response_partition_limit).unwrap_or(0);
    let page = Page {
        room: limit.min(asked).max(1),
        from: request.cursor.as_ref(),
    };
    let (seen, denied) = seen(cx, wanted(cx, &request));
    let mut response = page.fill(cx, seen);
    if !request.topics.is_empty() {
        response.topics.extend(denied.into_iter().map(refused));
    }
    Answer::Reply(response)
}

/// No topics stand for all of them.
fn wanted(cx: ReadContext<'_>, request: &DescribeTopicPartitionsRequest) -> BTreeSet<TopicName> {
    let from = request.cursor.as_ref().map(|cursor| &cursor.topic_name);
    let is_left = |name: &TopicName| from.is_none_or(|from| name >= from);
    if request.topics.is_empty() {
        let topics = cx.state.cluster.topics();
        let names = topics.map(Topic::wire_name);
        return names.filter(is_left).collect();
    }
    let names = request.topics.iter().map(|topic| topic.name.clone());
    names.filter(is_left).collect()
}

/// Those that the client may see, and those that it may not: it takes DESCRIBE.
fn seen(cx: ReadContext<'_>, names: BTreeSet<TopicName>) -> (BTreeSet<TopicName>, Vec<TopicName>) {
    let may_see = |name: &TopicName| cx.access().topic(Operation::Describe, name).is_ok();
    let (seen, mut denied): (Vec<_>, Vec<_>) = names.into_iter().partition(may_see);
    hash_map::sort_by_name(&mut denied, |name| name);
    (seen.into_iter().collect(), denied)
}

/// A topic that the client may not see.
fn refused(name: TopicName) -> DescribeTopicPartitionsResponseTopic {
    DescribeTopicPartitionsResponseTopic::default()
        .with_error_code(ErrorCode::TopicAuthorizationFailed.code())
        .with_name(Some(name))
}

/// What spoils all of a request. An empty name is an error that Kafka did not expect.
fn fault(request: &DescribeTopicPartitionsRequest) -> Option<ErrorCode> {
    let topics = &request.topics;
    let is_asked_for = |cursor: &From| {
        topics.is_empty() || topics.iter().any(|topic| topic.name == cursor.topic_name)
    };
    let good = |cursor: &From| cursor.partition_index >= 0 && is_asked_for(cursor);
    if !request.cursor.as_ref().is_none_or(good) {
        return Some(ErrorCode::InvalidRequest);
    }
    if topics.iter().any(|topic| topic.name.is_empty()) {
        return Some(ErrorCode::UnknownServerError);
    }
    None
}

struct Page<'a> {
    /// How many partitions still go in.
    room: usize,
    from: Option<&'a From>,
}

impl Page<'_> {
    fn fill(
        mut self,
        cx: ReadContext<'_>,
        names: BTreeSet<TopicName>,
    ) -> DescribeTopicPartitionsResponse {
        let mut response = DescribeTopicPartitionsResponse::default();
        for name in names {
            if self.room == 0 {
                response.next_cursor = Some(cursor(name, 0));
                break;
            }
            let Some(topic) = cx.state.cluster.topic(&name) else {
                let missing = failed(name.clone(), unknown(&name));
                let bits = cx.access().operations(ResourceType::Topic, &name);
                let missing = missing.with_topic_authorized_operations(bits);
                response.topics.push(missing);
                continue;
            };
            let (described, next) = self.topic(cx, topic, &name);
            response.topics.push(described);
            if let Some(next) = next {
                response.next_cursor = Some(cursor(name, next));
                break;
            }
        }
        response
    }

    /// The topic's partitions that still go in, and the first that does not.
    fn topic(
        &mut self,
        cx: ReadContext<'_>,
        topic: &Topic,
        name: &TopicName,
    ) -> (DescribeTopicPartitionsResponseTopic, Option<i32>) {
        let from = self.from.filter(|from| from.topic_name == *name);
        let from = from.map_or(0, |from| from.partition_index);
        let mut left = (0..)
            .zip(&topic.partitions)
            .skip_while(|(index, _)| *index < from);
        let described: Vec<_> = left
            .by_ref()
            .take(self.room)
            .map(|(index, row)| partition(cx, index, row))
            .collect();
        let next = left.next().map(|(index, _)| index);
        self.room -= described.len();
        let bits = cx.access().operations(ResourceType::Topic, name);
        let topic = DescribeTopicPartitionsResponseTopic::default()
            .with_name(Some(name.clone()))
            .with_topic_id(topic.id)
            .with_is_internal(topic.internal)
            .with_partitions(described)
            .with_topic_authorized_operations(bits);
        (topic, next)
    }
}

fn failed(name: TopicName, code: ErrorCode) -> DescribeTopicPartitionsResponseTopic {
    DescribeTopicPartitionsResponseTopic::default()
        .with_error_code(code.code())
        .with_is_internal(is_internal(&name))
        .with_name(Some(name))
}

fn unknown(name: &str) -> ErrorCode {
    if topic_name_fault(name).is_some() {
        return ErrorCode::InvalidTopicException;
    }
    ErrorCode::UnknownTopicOrPartition
}

fn cursor(name: TopicName, partition: i32) -> Cursor {
    Cursor::default()
        .with_topic_name(name)
        .with_partition_index(partition)
}

fn partition(
    cx: ReadContext<'_>,
    index: i32,
    partition: &Partition,
) -> DescribeTopicPartitionsResponsePartition {
    let reached = partition.leader.filter(|leader| cx.has_listener(*leader));
    DescribeTopicPartitionsResponsePartition::default()
        .with_partition_index(index)
        .with_leader_id(reached.map_or(BrokerId(-1), broker_id))
        .with_leader_epoch(partition.leader_epoch.0)
        .with_replica_nodes(broker_ids(&partition.replicas))
        .with_isr_nodes(broker_ids(&partition.isr))
        .with_eligible_leader_replicas(Some(broker_ids(&partition.elr)))
        .with_offline_replicas(offline(cx, partition).map(broker_id).collect())
        .with_last_known_elr(Some(broker_ids(&partition.last_known_elr)))
}
