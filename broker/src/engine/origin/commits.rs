//! Offsets that groups have committed before anybody came.

use super::NewCommit;
use crate::engine::Engine;
use crate::engine::commands::Refused;
use crate::engine::context::Effects;
use crate::engine::group::coordinator;
use crate::engine::time::Now;
use crate::wire::apis::Response;
use crate::wire::error::ErrorCode;
use crate::wire::messages::{
    FindCoordinatorRequest, OffsetCommitRequest, OffsetCommitRequestPartition,
    OffsetCommitRequestTopic, str_bytes,
};

/// The last version of OffsetCommit that names topics.
const COMMIT_VERSION: i16 = 9;

impl Engine {
    /// Commits an offset as a group without members, as an admin client does.
    pub(super) fn make_commit(
        &mut self,
        now: Now,
        commit: &NewCommit,
        effects: &mut Effects,
    ) -> Result<(), Refused> {
        let NewCommit {
            group,
            topic,
            partition,
            ..
        } = commit;
        let partitions = self.state.partitions_of(topic)?;
        let index = usize::try_from(*partition).unwrap_or(usize::MAX);
        if index >= partitions {
            let why = format!("there is no partition {topic}-{partition}");
            return Err(Refused::Unknown(why));
        }
        let find = FindCoordinatorRequest::default().with_key(str_bytes(group));
        let anyone = self.state.cluster.controller();
        self.ask_itself(now, (anyone, 0), find.into(), effects);
        let node = coordinator::leader(&self.state.cluster, group);
        let node = node.ok_or_else(|| Refused::Impossible("no node coordinates".to_owned()))?;
        let version = COMMIT_VERSION;
        let answer = self.ask_itself(now, (node, version), request(commit).into(), effects);
        let mut code = ErrorCode::UnknownServerError.code();
        if let Some(Response::OffsetCommit(answer)) = answer {
            let mut said = answer.topics.iter().flat_map(|topic| &topic.partitions);
            code = said.next().map_or(code, |said| said.error_code);
        }
        match code {
            0 => Ok(()),
            code => Err(Refused::Impossible(format!(
                "group {group} cannot commit: {}",
                ErrorCode::of(code)
            ))),
        }
    }
}

fn request(commit: &NewCommit) -> OffsetCommitRequest {
    let partition = OffsetCommitRequestPartition {
        partition_index: commit.partition,
        committed_offset: commit.offset,
        committed_leader_epoch: -1,
        committed_metadata: Some(str_bytes(&commit.metadata)),
    };
    let topic = OffsetCommitRequestTopic {
        name: str_bytes(&commit.topic).into(),
        partitions: vec![partition],
        ..OffsetCommitRequestTopic::default()
    };
    OffsetCommitRequest {
        group_id: str_bytes(&commit.group).into(),
        generation_id_or_member_epoch: -1,
        topics: vec![topic],
        ..OffsetCommitRequest::default()
    }
}
