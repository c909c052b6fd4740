//! The shapes of OffsetFetch: one group up to v7, several since v8.

use super::{
    RequestGroup, RequestTopic, ResponseGroup, ResponsePartition, ResponseTopic, TOPIC_IDS_SINCE,
};
use crate::wire::error::ErrorCode;
use crate::wire::messages::offset_fetch_response::{
    OffsetFetchResponseGroup, OffsetFetchResponsePartition, OffsetFetchResponsePartitions,
    OffsetFetchResponseTopic, OffsetFetchResponseTopics,
};
use crate::wire::messages::{OffsetFetchRequest, OffsetFetchResponse, StrBytes};
use uuid::Uuid;

/// The first version that asks for several groups (KIP-709).
const GROUPS_SINCE: i16 = 8;

/// The first version in which an answer has an error of its own.
const ERROR_SINCE: i16 = 2;

pub(super) fn groups(request: OffsetFetchRequest, version: i16) -> Vec<RequestGroup> {
    if version < GROUPS_SINCE {
        let topic = |name, partitions| RequestTopic {
            name,
            id: Uuid::nil(),
            partitions,
        };
        let topics = request.topics.map(|topics| {
            let topics = topics.into_iter();
            let topics = topics.map(|asked| topic(asked.name, asked.partition_indexes));
            topics.collect()
        });
        return vec![RequestGroup {
            group: request.group_id.0,
            member: None,
            member_epoch: -1,
            topics,
        }];
    }
    let groups = request.groups.into_iter().map(|group| RequestGroup {
        group: group.group_id.0,
        member: group.member_id,
        member_epoch: group.member_epoch,
        topics: group.topics.map(|topics| {
            let topics = topics.into_iter().map(|asked| RequestTopic {
                name: asked.name,
                id: asked.topic_id,
                partitions: asked.partition_indexes,
            });
            topics.collect()
        }),
    });
    groups.collect()
}

pub(super) fn response(responses: Vec<ResponseGroup>, version: i16) -> OffsetFetchResponse {
    let response = OffsetFetchResponse::default();
    if version >= GROUPS_SINCE {
        let groups = responses
            .into_iter()
            .map(|response| group(response, version));
        return response.with_groups(groups.collect());
    }
    let Some(group) = responses.into_iter().next() else {
        return response;
    };
    match group.outcome {
        Ok(topics) => response.with_topics(topics.into_iter().map(flat_topic).collect()),
        Err(code) if version >= ERROR_SINCE => response.with_error_code(code.code()),
        Err(code) => {
            let topics = group.asked.into_iter().map(|asked| refused(asked, code));
            response.with_topics(topics.map(flat_topic).collect())
        }
    }
}

fn refused(asked: RequestTopic, code: ErrorCode) -> ResponseTopic {
    let partition = |index| ResponsePartition {
        index,
        committed: Err(code),
    };
    ResponseTopic {
        name: asked.name,
        id: asked.id,
        partitions: asked.partitions.into_iter().map(partition).collect(),
    }
}

fn group(response: ResponseGroup, version: i16) -> OffsetFetchResponseGroup {
    let group = OffsetFetchResponseGroup::default().with_group_id(response.group.into());
    match response.outcome {
        Ok(topics) => {
            let topics = topics.into_iter().map(|response| topic(response, version));
            group.with_topics(topics.collect())
        }
        Err(code) => group.with_error_code(code.code()),
    }
}

fn topic(response: ResponseTopic, version: i16) -> OffsetFetchResponseTopics {
    let partition = |partition: ResponsePartition| {
        let (offset, epoch, metadata, code) = fields(&partition);
        OffsetFetchResponsePartitions::default()
            .with_partition_index(partition.index)
            .with_committed_offset(offset)
            .with_committed_leader_epoch(epoch)
            .with_metadata(Some(metadata))
            .with_error_code(code.code())
    };
    let partitions = response.partitions.into_iter().map(partition).collect();
    let topic = OffsetFetchResponseTopics::default().with_partitions(partitions);
    if version >= TOPIC_IDS_SINCE {
        topic.with_topic_id(response.id)
    } else {
        topic.with_name(response.name)
    }
}

fn flat_topic(response: ResponseTopic) -> OffsetFetchResponseTopic {
    let partition = |partition: ResponsePartition| {
        let (offset, epoch, metadata, code) = fields(&partition);
        OffsetFetchResponsePartition::default()
            .with_partition_index(partition.index)
            .with_committed_offset(offset)
            .with_committed_leader_epoch(epoch)
            .with_metadata(Some(metadata))
            .with_error_code(code.code())
    };
    OffsetFetchResponseTopic::default()
        .with_name(response.name)
        .with_partitions(response.partitions.into_iter().map(partition).collect())
}

/// Offset, leader epoch, metadata and error.
fn fields(partition: &ResponsePartition) -> (i64, i32, StrBytes, ErrorCode) {
    match &partition.committed {
        Ok(Some(known)) => {
            let metadata = known.metadata.clone();
            (known.offset, known.leader_epoch, metadata, ErrorCode::None)
        }
        Ok(None) => (-1, -1, StrBytes::new(), ErrorCode::None),
        Err(code) => (-1, -1, StrBytes::new(), *code),
    }
}
