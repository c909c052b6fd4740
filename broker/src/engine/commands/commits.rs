//! Offsets that a group commits without a member, as an admin client does.

use serde::{Deserialize, Serialize};

use super::CommandFailure;
use crate::engine::Engine;
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

/// An offset that a group is to have committed.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct OffsetToCommit {
    pub(crate) topic: String,
    pub(crate) partition: i32,
    pub(crate) offset: i64,
    pub(crate) metadata: String,
}

impl Engine {
    /// Commits offsets for a group that has no members.
    ///
    /// # Errors
    /// The error of the first offset that the coordinator does not take; the others may be committed.
    pub(in crate::engine) fn commit_offsets(
        &mut self,
        now: Now,
        group: &str,
        offsets: &[OffsetToCommit],
        effects: &mut Effects,
    ) -> Result<(), CommandFailure> {
        let find = FindCoordinatorRequest::default().with_key(str_bytes(group));
        let anyone = self.state.cluster.controller();
        self.ask_itself(now, (anyone, 0), find.into(), effects);
        let Some(node) = coordinator::leader(&self.state.cluster, group) else {
            let code = ErrorCode::CoordinatorNotAvailable.code();
            return Err(CommandFailure::by_kafka(code, None));
        };
        let request = request(group, offsets);
        let answer = self.ask_itself(now, (node, COMMIT_VERSION), request.into(), effects);
        let Some(Response::OffsetCommit(answer)) = answer else {
            let code = ErrorCode::UnknownServerError.code();
            return Err(CommandFailure::by_kafka(code, None));
        };
        let mut said = answer.topics.iter().flat_map(|topic| &topic.partitions);
        match said.find(|said| said.error_code != 0) {
            None => Ok(()),
            Some(said) => Err(CommandFailure::by_kafka(said.error_code, None)),
        }
    }
}

fn request(group: &str, offsets: &[OffsetToCommit]) -> OffsetCommitRequest {
    let mut topics: Vec<OffsetCommitRequestTopic> = Vec::new();
    for one in offsets {
        let partition = OffsetCommitRequestPartition {
            partition_index: one.partition,
            committed_offset: one.offset,
            committed_leader_epoch: -1,
            committed_metadata: Some(str_bytes(&one.metadata)),
        };
        let mut known = topics.iter_mut();
        if let Some(known) = known.find(|known| known.name.as_str() == one.topic) {
            known.partitions.push(partition);
            continue;
        }
        topics.push(OffsetCommitRequestTopic {
            name: str_bytes(&one.topic).into(),
            partitions: vec![partition],
            ..OffsetCommitRequestTopic::default()
        });
    }
    OffsetCommitRequest {
        group_id: str_bytes(group).into(),
        generation_id_or_member_epoch: -1,
        topics,
        ..OffsetCommitRequest::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::commands::Command;
    use crate::engine::testing::Bench;

    fn commit(
        bench: &mut Bench,
        metadata: &str,
        places: &[(&str, i32, i64)],
    ) -> Result<(), String> {
        let offset = |(topic, partition, offset): &(&str, i32, i64)| OffsetToCommit {
            topic: (*topic).to_owned(),
            partition: *partition,
            offset: *offset,
            metadata: metadata.to_owned(),
        };
        let offsets = places.iter().map(offset).collect();
        let group = "g".to_owned();
        let done = bench.command(Command::CommitOffsets { group, offsets });
        done.map(drop).map_err(|refused| refused.to_string())
    }

    #[test]
    fn a_group_commits_for_several_partitions_at_once() {
        let mut bench = Bench::new(&[]);
        bench.topic("a", 2);
        bench.topic("b", 1);
        commit(&mut bench, "m", &[("a", 0, 3), ("b", 0, 4), ("a", 1, 5)]).unwrap();
        let view = bench.engine.state.group_view(bench.now, "g").unwrap();
        let offsets = view.offsets.iter();
        let mut offsets: Vec<_> = offsets
            .map(|o| (o.topic.as_str(), o.partition, o.offset))
            .collect();
        offsets.sort_unstable();
        assert_eq!(offsets, [("a", 0, 3), ("a", 1, 5), ("b", 0, 4)]);
    }

    #[test]
    fn what_the_coordinator_does_not_take_is_said_in_kafkas_words() {
        let mut bench = Bench::new(&[]);
        bench.topic("a", 1);
        let unknown = commit(&mut bench, "", &[("c", 0, 3)]).unwrap_err();
        assert!(
            unknown.starts_with("UNKNOWN_TOPIC_OR_PARTITION: "),
            "{unknown}"
        );
        let long = commit(&mut bench, &"m".repeat(5000), &[("a", 0, 3)]).unwrap_err();
        assert!(long.starts_with("OFFSET_METADATA_TOO_LARGE: "), "{long}");
    }
}
