//! Offsets that groups have committed before anybody came.

use super::NewCommit;
use crate::engine::Engine;
use crate::engine::commands::CommandFailure;
use crate::engine::commands::commits::OffsetToCommit;
use crate::engine::context::Effects;
use crate::engine::time::Now;

impl Engine {
    /// Commits an offset as a group without members, as an admin client does.
    pub(super) fn make_commit(
        &mut self,
        now: Now,
        commit: &NewCommit,
        effects: &mut Effects,
    ) -> Result<(), CommandFailure> {
        let NewCommit {
            group,
            topic,
            partition,
            offset,
            metadata,
        } = commit;
        let partitions = self.state.partitions_of(topic)?;
        let index = usize::try_from(*partition).unwrap_or(usize::MAX);
        if index >= partitions {
            let why = format!("there is no partition {topic}-{partition}");
            return Err(CommandFailure::Unknown(why));
        }
        let offset = OffsetToCommit {
            topic: topic.clone(),
            partition: *partition,
            offset: *offset,
            metadata: metadata.clone(),
        };
        let done = self.commit_offsets(now, group, &[offset], effects);
        done.map_err(|why| {
            CommandFailure::Impossible(format!("group {group} cannot commit: {why}"))
        })
    }
}
