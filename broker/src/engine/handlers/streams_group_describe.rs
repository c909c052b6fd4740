//! StreamsGroupDescribe (key 89), v0–v1 (KIP-1071, KIP-1331).
//!
//! Oracle: a group of another kind is not found, in words of its own; an unnamed group comes without any, and before the others. A
//! topology whose topics are there is shown with their partitions, any other as its members sent it. No plug-in keeps
//! descriptions of topologies, so none is ever stored.

use crate::engine::cluster::Cluster;
use crate::engine::context::{Answer, ReadContext};
use crate::engine::group::coordinator;
use crate::engine::group::streams::{self, StreamsGroup};
use crate::wire::error::ErrorCode;
use crate::wire::messages::streams_group_describe_response as response;
use crate::wire::messages::{StreamsGroupDescribeRequest, StreamsGroupDescribeResponse, str_bytes};

/// READ, DELETE, DESCRIBE, DESCRIBE_CONFIGS and ALTER_CONFIGS, as everybody may on a cluster without authorization.
const OPERATIONS: i32 = 1 << 3 | 1 << 6 | 1 << 8 | 1 << 10 | 1 << 11;

/// The status of a description that nobody has.
const NOT_STORED: i8 = 1;

/// Answers at once.
pub(crate) fn handle(
    cx: ReadContext<'_>,
    request: StreamsGroupDescribeRequest,
) -> Answer<StreamsGroupDescribeResponse> {
    let enabled = streams::is_enabled(cx);
    let (named, unnamed): (Vec<_>, Vec<_>) = request
        .group_ids
        .into_iter()
        .partition(|id| !enabled || !id.0.is_empty());
    let mut groups = Vec::with_capacity(named.len() + unnamed.len());
    let named = coordinator::by_partition(cx, named, |id| id);
    let named = named.into_iter().flat_map(|(_, ids)| ids);
    for id in unnamed.into_iter().chain(named) {
        let mut group = if enabled {
            describe(cx, &id.0)
        } else {
            refused(ErrorCode::UnsupportedVersion)
        };
        if group.error_code == ErrorCode::None.code() {
            if request.include_authorized_operations {
                group.authorized_operations = OPERATIONS;
            }
            if request.include_topology_description {
                group.topology_description_status = NOT_STORED;
            }
        }
        group.group_id = id;
        groups.push(group);
    }
    Answer::Reply(StreamsGroupDescribeResponse {
        throttle_time_ms: 0,
        groups,
    })
}

fn refused(code: ErrorCode) -> response::DescribedGroup {
    response::DescribedGroup {
        error_code: code.code(),
        ..Default::default()
    }
}

fn describe(cx: ReadContext<'_>, id: &str) -> response::DescribedGroup {
    let checked = coordinator::check_name(id).and_then(|()| coordinator::check(cx, id));
    if let Err(code) = checked {
        return refused(code);
    }
    match cx.state.groups.streams(id) {
        Ok(group) => described(group, &cx.state.cluster),
        Err(error) => response::DescribedGroup {
            error_message: error.wire_message(),
            ..refused(error.code)
        },
    }
}

fn described(group: &StreamsGroup, cluster: &Cluster) -> response::DescribedGroup {
    let Some(topology) = group.described_topology(cluster) else {
        return refused(ErrorCode::UnknownServerError);
    };
    let members = group.members_as_kept().into_iter();
    response::DescribedGroup {
        group_state: str_bytes(group.state().name()),
        group_epoch: group.epoch,
        assignment_epoch: group.target_epoch,
        topology: Some(topology),
        members: members
            .map(|member| group.described_member(member))
            .collect(),
        assignor_name: Some(str_bytes(streams::STICKY)),
        ..Default::default()
    }
}
