//! A client of a streams group, as Kafka Streams acts.

use crate::engine::context::ConnectionId;
use crate::wire::error::ErrorCode;
use crate::wire::messages::streams_group_heartbeat_request as request;
use crate::wire::messages::streams_group_heartbeat_response as response;
use crate::wire::messages::{
    GroupId, StrBytes, StreamsGroupHeartbeatRequest, StreamsGroupHeartbeatResponse, str_bytes,
};

use super::TOPIC;

/// How many members a process has.
const MEMBERS_OF_A_PROCESS: usize = 2;

/// What a member runs, and what it has not said that it runs.
#[derive(Debug)]
pub(super) struct Tasks {
    process: String,
    owned: Option<[Vec<request::TaskIds>; 3]>,
}

impl Tasks {
    pub(super) fn new(place: usize) -> Self {
        Self {
            process: format!("process-{}", place / MEMBERS_OF_A_PROCESS),
            owned: None,
        }
    }

    /// The id of a member that is new.
    pub(super) fn id(name: &str, connection: ConnectionId) -> StrBytes {
        str_bytes(format!("{name}-{}", connection.0))
    }

    pub(super) fn join(
        &mut self,
        heartbeat: StreamsGroupHeartbeatRequest,
    ) -> StreamsGroupHeartbeatRequest {
        self.owned = None;
        StreamsGroupHeartbeatRequest {
            member_epoch: 0,
            rebalance_timeout_ms: 5000,
            topology: Some(topology()),
            process_id: Some(str_bytes(self.process.as_str())),
            active_tasks: Some(Vec::new()),
            standby_tasks: Some(Vec::new()),
            warmup_tasks: Some(Vec::new()),
            ..heartbeat
        }
    }

    /// A heartbeat that says what it runs, if that has changed.
    pub(super) fn heartbeat(
        &mut self,
        (group, member, epoch): (GroupId, StrBytes, i32),
        instance_id: Option<StrBytes>,
    ) -> StreamsGroupHeartbeatRequest {
        let [active, standby, warmup] = match self.owned.take() {
            Some(tasks) => tasks.map(Some),
            None => [None, None, None],
        };
        StreamsGroupHeartbeatRequest {
            group_id: group,
            member_id: member,
            member_epoch: epoch,
            instance_id,
            active_tasks: active,
            standby_tasks: standby,
            warmup_tasks: warmup,
            ..StreamsGroupHeartbeatRequest::default()
        }
    }

    /// It runs what it is told.
    pub(super) fn told(&mut self, told: &StreamsGroupHeartbeatResponse) {
        let lists = [&told.active_tasks, &told.standby_tasks, &told.warmup_tasks];
        if lists.iter().all(|list| list.is_some()) {
            self.owned = Some(lists.map(|list| owned(list.iter().flatten())));
        }
    }
}

fn owned<'a>(rows: impl Iterator<Item = &'a response::TaskIds>) -> Vec<request::TaskIds> {
    let rows = rows.map(|row| request::TaskIds {
        subtopology_id: row.subtopology_id.clone(),
        partitions: row.partitions.clone(),
    });
    rows.collect()
}

/// One part that counts the records of the topic, and one that only reads them.
fn topology() -> request::Topology {
    let log = request::TopicInfo {
        name: str_bytes("counts-changelog").into(),
        ..request::TopicInfo::default()
    };
    let part = |id: &str, logs: Vec<request::TopicInfo>| request::Subtopology {
        subtopology_id: str_bytes(id),
        source_topics: vec![str_bytes(TOPIC).into()],
        state_changelog_topics: logs,
        ..request::Subtopology::default()
    };
    request::Topology {
        epoch: 0,
        subtopologies: vec![part("counts", vec![log]), part("reads", Vec::new())],
    }
}

/// What a client hears of that had to go.
pub(super) fn expects(error: i16) -> bool {
    [
        ErrorCode::UnknownMemberId,
        ErrorCode::FencedMemberEpoch,
        ErrorCode::UnreleasedInstanceId,
        ErrorCode::FencedInstanceId,
        ErrorCode::GroupIdNotFound,
    ]
    .iter()
    .any(|expected| expected.code() == error)
}
