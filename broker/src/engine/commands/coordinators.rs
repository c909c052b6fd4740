//! Coordinators that move, and take their time to load.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::CommandFailure;
use crate::engine::coordinators::{StatePartition, place_of};
use crate::engine::share::SharePartitionKey;
use crate::engine::state::State;
use crate::engine::state_topic::StateTopic;
use crate::engine::time::Now;
use crate::engine::topic_partition::TopicPartition;
use crate::wire::units::NodeId;

/// What happens to the coordinator of a group or a transactional id, and with it to that of all others in
/// the same partition of the state topic.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum CoordinatorCommand {
    /// Another node coordinates, and knows what was written down.
    Move(NodeId),
    /// It loads what was written down, for a while or until [`Self::Loaded`], and answers
    /// COORDINATOR_LOAD_IN_PROGRESS meanwhile; so does the node that takes over.
    Load(Option<Duration>),
    Loaded,
}

impl State {
    /// Lets something happen to the coordinator of `key`.
    ///
    /// # Errors
    /// When there is no such coordinator, or the node cannot be it.
    pub(super) fn command_coordinator(
        &mut self,
        now: Now,
        (topic, key): (StateTopic, &str),
        command: CoordinatorCommand,
    ) -> Result<(), CommandFailure> {
        let place = self.place(topic, key)?;
        match command {
            CoordinatorCommand::Move(node) => {
                self.running(node)?;
                self.move_coordinator(now, place, node);
            }
            CoordinatorCommand::Load(wait) => self.hold_load(now, place, wait),
            CoordinatorCommand::Loaded => self.release_load(now, place),
        }
        Ok(())
    }

    fn place(&self, topic: StateTopic, key: &str) -> Result<StatePartition, CommandFailure> {
        place_of(&self.cluster, topic, key).ok_or_else(|| {
            let name = topic.name();
            let when = match topic {
                StateTopic::Groups | StateTopic::Transactions => {
                    "a client looks for its coordinator"
                }
                StateTopic::Shares => "a member joins a share group",
            };
            CommandFailure::Unknown(format!(
                "nobody coordinates {key} yet: {name} is made when {when}"
            ))
        })
    }

    /// By what the share coordinator knows a share group's partition.
    ///
    /// # Errors
    /// There is no such partition.
    pub(crate) fn share_coordinator_key(
        &self,
        group: &str,
        place: TopicPartition<&str>,
    ) -> Result<String, CommandFailure> {
        let topic = self.cluster.topic(place.topic);
        let topic = topic.filter(|topic| topic.partition(place.partition).is_some());
        let topic = topic
            .ok_or_else(|| CommandFailure::Unknown(format!("there is no partition {place}")))?;
        let key = SharePartitionKey {
            group: group.into(),
            topic: topic.id,
            partition: place.partition,
        };
        Ok(key.text())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::commands::Command;
    use crate::engine::testing::Bench;
    use crate::wire::apis::Response;
    use crate::wire::messages::{FindCoordinatorRequest, LeaveGroupRequest, StrBytes};

    /// The error of a LeaveGroup, and the coordinator.
    fn told(bench: &mut Bench) -> (i16, i32) {
        let group = StrBytes::from_static_str("g");
        let leave = LeaveGroupRequest::default().with_group_id(group.clone().into());
        let Response::LeaveGroup(left) = bench.ask(0, leave) else {
            panic!("another answer");
        };
        let find = FindCoordinatorRequest::default().with_key(group);
        let Response::FindCoordinator(found) = bench.ask(0, find) else {
            panic!("another answer");
        };
        (left.error_code, found.node_id.0)
    }

    #[test]
    fn a_coordinator_moves_and_loads() {
        use CoordinatorCommand as Do;
        let mut bench = Bench::of_nodes(2, &[]);
        let run = |bench: &mut Bench, command| {
            let (topic, key) = (StateTopic::Groups, "g".to_owned());
            bench.command(Command::Coordinator {
                topic,
                key,
                act: command,
            })
        };
        let early = run(&mut bench, Do::Move(NodeId(0))).unwrap_err();
        assert!(early.to_string().contains("__consumer_offsets"), "{early}");
        bench.find_coordinator("g");
        // Requests go to node 0.
        run(&mut bench, Do::Move(NodeId(0))).unwrap();
        assert_eq!(told(&mut bench), (25, 0));
        run(&mut bench, Do::Load(Some(Duration::from_secs(5)))).unwrap();
        assert_eq!(told(&mut bench), (14, 0));
        bench.advance(Duration::from_secs(5));
        assert_eq!(told(&mut bench), (25, 0));
        run(&mut bench, Do::Load(None)).unwrap();
        bench.advance(Duration::from_secs(5));
        assert_eq!(told(&mut bench), (14, 0));
        run(&mut bench, Do::Loaded).unwrap();
        assert_eq!(told(&mut bench), (25, 0));
        run(&mut bench, Do::Move(NodeId(1))).unwrap();
        assert_eq!(told(&mut bench), (16, 1));
        assert!(run(&mut bench, Do::Move(NodeId(7))).is_err());
    }
}
