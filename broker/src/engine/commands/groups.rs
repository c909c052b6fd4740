//! Members that go and rebalances that nobody asked for.

use std::sync::Arc;

use super::CommandFailure;
use crate::engine::group::coordinator;
use crate::engine::group::turn::{Turn, WANTED};
use crate::engine::group::{Group, Groups};
use crate::engine::state::State;
use crate::engine::time::Now;

impl State {
    /// Removes a member, by its id or its group instance id, as if nothing had been heard of it for its
    /// session.
    ///
    /// # Errors
    /// When there is no such group or member.
    pub(super) fn evict_member(
        &mut self,
        now: Now,
        group: &str,
        member: &str,
    ) -> Result<(), CommandFailure> {
        self.on_group(now, group, |groups, turn| groups.evict(turn, group, member))
    }

    /// Begins a rebalance: a classic group gathers its members again; a group of another kind gets a new epoch, to
    /// which its members have to come.
    ///
    /// # Errors
    /// When there is no such group, or it has no members that could.
    pub(super) fn rebalance_group(&mut self, now: Now, group: &str) -> Result<(), CommandFailure> {
        self.on_group(now, group, |groups, turn| {
            let begun = match groups.get_mut(group) {
                Some(Group::Classic(found)) => found.rebalance(turn, WANTED),
                Some(Group::Consumer(found)) => found.raise_epoch(turn),
                Some(Group::Share(found)) => found.raise_epoch(turn),
                Some(Group::Streams(found)) => found.raise_epoch(turn),
                None => return Err(unknown_group(group)),
            };
            if begun {
                return Ok(());
            }
            let why = format!("group {group} has no members that could rebalance");
            Err(CommandFailure::Impossible(why))
        })
    }

    fn on_group(
        &mut self,
        now: Now,
        group: &str,
        act: impl FnOnce(&mut Groups, &mut Turn<'_>) -> Result<(), CommandFailure>,
    ) -> Result<(), CommandFailure> {
        let node = coordinator::leader(&self.cluster, group);
        let node = node.ok_or_else(|| unknown_group(group))?;
        self.with_groups(now, node, act)
    }
}

impl Groups {
    fn evict(
        &mut self,
        turn: &mut Turn<'_>,
        group: &str,
        member: &str,
    ) -> Result<(), CommandFailure> {
        let heir = match self.get_mut(group) {
            None => return Err(unknown_group(group)),
            Some(Group::Classic(found)) => {
                let id = found
                    .id_of(member)
                    .ok_or_else(|| unknown_member(group, member))?;
                found.evict(turn, &id);
                None
            }
            Some(Group::Consumer(found)) => {
                let by_instance = found.static_member(member).map(|member| member.id.clone());
                let known = found
                    .member(member)
                    .map(|member| Arc::clone(&member.id))
                    .ok();
                let id = known
                    .or(by_instance)
                    .ok_or_else(|| unknown_member(group, member))?;
                found.remove(turn, &[id])
            }
            Some(Group::Share(found)) => {
                let known = found.members.get_key_value(member);
                let id = known.map(|(id, _)| Arc::clone(id));
                let id = id.ok_or_else(|| unknown_member(group, member))?;
                found.remove(turn, &id);
                None
            }
            Some(Group::Streams(found)) => {
                let id = found.id_of(member);
                let id = id.ok_or_else(|| unknown_member(group, member))?;
                found.remove(turn, &[id]);
                None
            }
        };
        self.inherit(heir);
        Ok(())
    }
}

fn unknown_group(group: &str) -> CommandFailure {
    CommandFailure::Unknown(format!("there is no group {group}"))
}

fn unknown_member(group: &str, member: &str) -> CommandFailure {
    CommandFailure::Unknown(format!(
        "group {group} has no member with the id or group instance id {member}"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::commands::Command;
    use crate::engine::context::{ConnectionId, Effect};
    use crate::engine::group::classic::ClassicGroup;
    use crate::engine::testing::Bench;
    use crate::wire::apis::Response;
    use crate::wire::messages::join_group_request::JoinGroupRequestProtocol;
    use crate::wire::messages::{ConsumerGroupHeartbeatRequest, JoinGroupRequest, str_bytes};

    fn bench() -> Bench {
        let mut bench = Bench::new(&[("group.initial.rebalance.delay.ms", "0")]);
        bench.topic("t", 1);
        bench.find_coordinator("g");
        bench
    }

    fn evict(bench: &mut Bench, member: &str) -> Result<(), CommandFailure> {
        let (group, member) = ("g".to_owned(), member.to_owned());
        bench
            .command(Command::EvictMember { group, member })
            .map(drop)
    }

    fn rebalance(bench: &mut Bench) -> Result<(), CommandFailure> {
        let group = "g".to_owned();
        bench.command(Command::RebalanceGroup { group }).map(drop)
    }

    fn classic(bench: &Bench) -> &ClassicGroup {
        match bench.engine.state.groups.get("g") {
            Some(Group::Classic(group)) => group,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_classic_member_goes_and_a_rebalance_begins() {
        let mut bench = bench();
        let protocol = JoinGroupRequestProtocol::default().with_name(str_bytes("range"));
        let join = JoinGroupRequest::default()
            .with_group_id(str_bytes("g").into())
            .with_session_timeout_ms(10_000)
            .with_rebalance_timeout_ms(10_000)
            .with_protocol_type(str_bytes("consumer"))
            .with_group_instance_id(Some(str_bytes("i")))
            .with_protocols(vec![protocol]);
        let connection = ConnectionId(1);
        bench.send_from(connection, "c", 7, join);
        bench.advance(std::time::Duration::from_millis(1));
        assert_eq!(classic(&bench).members().len(), 1);
        rebalance(&mut bench).unwrap();
        assert_eq!(classic(&bench).state().name(), "PreparingRebalance");
        let again = rebalance(&mut bench).unwrap_err().to_string();
        assert_eq!(again, "group g has no members that could rebalance");
        evict(&mut bench, "i").unwrap();
        assert_eq!(classic(&bench).members().len(), 0);
        assert!(matches!(
            evict(&mut bench, "i"),
            Err(CommandFailure::Unknown(_))
        ));
    }

    #[test]
    fn a_consumer_group_gets_an_epoch_and_loses_a_member() {
        let mut bench = bench();
        assert!(matches!(
            rebalance(&mut bench),
            Err(CommandFailure::Unknown(_))
        ));
        let heartbeat = ConsumerGroupHeartbeatRequest::default()
            .with_group_id(str_bytes("g").into())
            .with_member_id(str_bytes("m"))
            .with_rebalance_timeout_ms(10_000)
            .with_subscribed_topic_names(Some(vec![str_bytes("t").into()]))
            .with_topic_partitions(Some(Vec::new()));
        let beat = |bench: &mut Bench, epoch| {
            let request = heartbeat.clone().with_member_epoch(epoch);
            match bench.send(0, request).0.pop() {
                Some(Effect::Reply {
                    response: Response::ConsumerGroupHeartbeat(answer),
                    ..
                }) => (answer.error_code, answer.member_epoch),
                other => panic!("{other:?}"),
            }
        };
        let (error, epoch) = beat(&mut bench, 0);
        assert_eq!(error, 0);
        rebalance(&mut bench).unwrap();
        // There is a shortest interval between two assignments.
        bench.advance(std::time::Duration::from_secs(5));
        assert_eq!(beat(&mut bench, epoch), (0, epoch + 1));
        evict(&mut bench, "m").unwrap();
        assert_eq!(beat(&mut bench, epoch + 1).0, 25);
        assert!(rebalance(&mut bench).is_err());
    }
}
