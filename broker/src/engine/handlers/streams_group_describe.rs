//! StreamsGroupDescribe (key 89), v0–v1 (KIP-1071, KIP-1331).
//!
//! Oracle: a group of another kind is not found, in words of its own; an unnamed group comes without any, and before the others. A
//! topology whose topics are there is shown with their partitions, any other as its members sent it. No plug-in keeps
//! descriptions of topologies, so none is ever stored. A group takes DESCRIBE, or comes before all others, and so does each topic of
//! its topology.

use crate::engine::authorizer::{Operation, ResourceType};
use crate::engine::cluster::Cluster;
use crate::engine::context::{Answer, ReadContext};
use crate::engine::group::coordinator;
use crate::engine::group::streams::{self, StreamsGroup};
use crate::wire::error::ErrorCode;
use crate::wire::messages::streams_group_describe_response as response;
use crate::wire::messages::{
    GroupId, StreamsGroupDescribeRequest, StreamsGroupDescribeResponse, str_bytes,
};

/// The status of a description that nobody has.
const NOT_STORED: i8 = 1;

/// Answers at once.
pub(crate) fn handle(
    cx: ReadContext<'_>,
    request: StreamsGroupDescribeRequest,
) -> Answer<StreamsGroupDescribeResponse> {
    let enabled = streams::is_enabled(cx);
    let may_see = |id: &GroupId| !enabled || cx.access().group(Operation::Describe, id).is_ok();
    let (seen, denied): (Vec<_>, Vec<_>) = request.group_ids.into_iter().partition(may_see);
    let (named, unnamed): (Vec<_>, Vec<_>) = seen
        .into_iter()
        .partition(|id| !enabled || !id.0.is_empty());
    let denied = denied.into_iter().map(|group_id| response::DescribedGroup {
        group_id,
        ..refused(ErrorCode::GroupAuthorizationFailed)
    });
    let mut groups: Vec<_> = denied.collect();
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
                group.authorized_operations = cx.access().operations(ResourceType::Group, &id);
            }
            if request.include_topology_description {
                group.topology_description_status = NOT_STORED;
            }
        }
        group = without_unseen(cx, group);
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

/// The group, unless its topology has a topic that the client may not see.
fn without_unseen(
    cx: ReadContext<'_>,
    group: response::DescribedGroup,
) -> response::DescribedGroup {
    let rows = group
        .topology
        .iter()
        .flat_map(|topology| &topology.subtopologies);
    let rows = rows.flatten();
    let names = rows.flat_map(|row| {
        let external = row.source_topics.iter().chain(&row.repartition_sink_topics);
        let internal = row.repartition_source_topics.iter();
        let internal = internal.chain(&row.state_changelog_topics);
        external.chain(internal.map(|topic| &topic.name))
    });
    match cx
        .access()
        .all_topics(Operation::Describe, names.map(|name| name.as_str()))
    {
        Ok(()) => group,
        Err(code) => response::DescribedGroup {
            error_message: Some(str_bytes(
                "The described group uses topics that the client is not authorized to describe.",
            )),
            ..refused(code)
        },
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
