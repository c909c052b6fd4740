//! Over which connection each member of a group was last heard, so that anyone who moves the clock knows whose clients
//! live: they would have sent their heartbeats meanwhile.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::engine::context::{Answer, Call, ConnectionId};
use crate::engine::group::Groups;
use crate::engine::ids::NOBODY;
use crate::wire::apis::{Request, Response};
use crate::wire::messages::StrBytes;
use crate::wire::units::NodeId;

/// A member that a request names.
#[derive(Debug)]
pub(in crate::engine) struct Speaker {
    group: StrBytes,
    /// Empty if the coordinator gives it its id.
    member: StrBytes,
    /// It leaves, for good or for a while.
    leaves: bool,
}

/// All members that were heard.
#[derive(Debug, Default)]
pub(crate) struct Heard {
    /// By group, then by member id.
    members: BTreeMap<Arc<str>, BTreeMap<Arc<str>, ConnectionId>>,
    lines: BTreeMap<ConnectionId, Line>,
    /// Whose JoinGroup is held that has no member id yet, and the group.
    nameless: BTreeMap<ConnectionId, StrBytes>,
}

/// The connection of some members.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Line {
    node: NodeId,
    /// By group and member id.
    members: BTreeSet<(Arc<str>, Arc<str>)>,
    /// The cluster has ended it, not the client, which may come back.
    is_cut: bool,
}

/// The same, as a recording that begins in the middle carries it over.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(in crate::engine) struct CarriedHeard(Vec<(ConnectionId, Line)>);

impl Speaker {
    /// The member that sends a request. This is where a group of another kind says what its members' requests are.
    #[expect(clippy::wildcard_enum_match_arm, reason = "a few speak for a member")]
    pub(in crate::engine) fn of(request: &Request) -> Option<Self> {
        let stays = |group: &StrBytes, member: &StrBytes| Self {
            group: group.clone(),
            member: member.clone(),
            leaves: false,
        };
        Some(match request {
            Request::JoinGroup(join) => stays(&join.group_id.0, &join.member_id),
            Request::SyncGroup(sync) => stays(&sync.group_id.0, &sync.member_id),
            Request::Heartbeat(beat) => stays(&beat.group_id.0, &beat.member_id),
            Request::ConsumerGroupHeartbeat(beat) => Self {
                leaves: beat.member_epoch < 0,
                ..stays(&beat.group_id.0, &beat.member_id)
            },
            Request::ShareGroupHeartbeat(beat) => Self {
                leaves: beat.member_epoch < 0,
                ..stays(&beat.group_id.0, &beat.member_id)
            },
            Request::StreamsGroupHeartbeat(beat) => Self {
                leaves: beat.member_epoch < 0,
                ..stays(&beat.group_id.0, &beat.member_id)
            },
            _ => return None,
        })
    }
}

/// The member id in an answer.
#[expect(clippy::wildcard_enum_match_arm, reason = "two give ids")]
fn given_id(response: &Response) -> Option<StrBytes> {
    match response {
        Response::JoinGroup(join) => Some(join.member_id.clone()),
        Response::ConsumerGroupHeartbeat(beat) => beat.member_id.clone(),
        _ => None,
    }
}

impl Heard {
    /// Notes who has spoken, once the group has taken it.
    pub(in crate::engine) fn spoke(
        &mut self,
        groups: &Groups,
        call: &Call,
        speaker: Speaker,
        answer: &Answer<Response>,
    ) {
        let Speaker {
            group,
            member,
            leaves,
        } = speaker;
        if leaves {
            return self.forget(&group, &member);
        }
        let member = Some(member).filter(|member| !member.is_empty());
        match (member, answer) {
            (Some(member), _) => self.note(groups, call, &group, &member),
            (None, Answer::Reply(response)) => self.named(groups, call, &group, response),
            (None, _) => {
                self.nameless.insert(call.connection, group);
            }
        }
    }

    /// Notes who was answered at last: a member that joined without an id has one now.
    pub(super) fn answered(&mut self, groups: &Groups, call: &Call, response: &Response) {
        if let Some(group) = self.nameless.remove(&call.connection) {
            self.named(groups, call, &group, response);
        }
    }

    fn named(&mut self, groups: &Groups, call: &Call, group: &str, response: &Response) {
        if let Some(member) = given_id(response) {
            self.note(groups, call, group, &member);
        }
    }

    fn note(&mut self, groups: &Groups, call: &Call, group: &str, member: &str) {
        let connection = call.connection;
        let is_known = self.line_of(group, member) == Some(connection);
        if is_known || connection == NOBODY || !groups.has_member(group, member) {
            return;
        }
        self.forget(group, member);
        // Anyone who makes one member after the other over one connection fills no memory.
        self.forget_members(connection, |group, member| {
            !groups.has_member(group, member)
        });
        let (group, member): (Arc<str>, Arc<str>) = (group.into(), member.into());
        let line = self.lines.entry(connection).or_insert_with(|| Line {
            node: call.node,
            members: BTreeSet::new(),
            is_cut: false,
        });
        line.members
            .insert((Arc::clone(&group), Arc::clone(&member)));
        let members = self.members.entry(group).or_default();
        members.insert(member, connection);
    }

    /// Over which connection a member was last heard, unless its client has closed that.
    pub(in crate::engine) fn line_of(&self, group: &str, member: &str) -> Option<ConnectionId> {
        self.members.get(group)?.get(member).copied()
    }

    /// Whether no member was heard.
    pub(crate) fn is_empty(&self) -> bool {
        self.members.is_empty()
    }

    /// The groups of whose members some were heard.
    pub(in crate::engine) fn groups(&self) -> impl Iterator<Item = &Arc<str>> {
        self.members.keys()
    }

    /// The cluster ends a connection; its client lives, and may come back.
    pub(in crate::engine) fn cut(&mut self, connection: ConnectionId) {
        if let Some(line) = self.lines.get_mut(&connection) {
            line.is_cut = true;
        }
    }

    /// The cluster ends all connections to a node.
    pub(in crate::engine) fn cut_node(&mut self, node: NodeId) {
        for line in self.lines.values_mut().filter(|line| line.node == node) {
            line.is_cut = true;
        }
    }

    /// A connection has ended: with its client, unless the cluster has ended it.
    pub(super) fn closed(&mut self, connection: ConnectionId) {
        self.nameless.remove(&connection);
        if self.lines.get(&connection).is_some_and(|line| !line.is_cut) {
            self.forget_members(connection, |_, _| true);
        }
    }

    fn forget(&mut self, group: &str, member: &str) {
        if let Some(connection) = self.line_of(group, member) {
            self.forget_members(connection, |own, id| own == group && id == member);
        }
    }

    /// Forgets those members of a connection that are meant.
    fn forget_members(&mut self, connection: ConnectionId, is_meant: impl Fn(&str, &str) -> bool) {
        let Some(line) = self.lines.get_mut(&connection) else {
            return;
        };
        let members = &mut self.members;
        line.members.retain(|(group, member)| {
            let goes = is_meant(group, member);
            if goes && let Some(of_group) = members.get_mut(group) {
                of_group.remove(member);
                if of_group.is_empty() {
                    members.remove(group);
                }
            }
            !goes
        });
        if line.members.is_empty() {
            self.lines.remove(&connection);
        }
    }

    /// What a recording that begins in the middle carries over.
    pub(in crate::engine) fn carry(&self) -> CarriedHeard {
        let lines = self.lines.iter();
        CarriedHeard(lines.map(|(id, line)| (*id, line.clone())).collect())
    }

    /// Goes on from there.
    pub(in crate::engine) fn go_on_with(&mut self, carried: &CarriedHeard) {
        for (connection, line) in &carried.0 {
            for (group, member) in &line.members {
                let members = self.members.entry(Arc::clone(group)).or_default();
                members.insert(Arc::clone(member), *connection);
            }
            self.lines.insert(*connection, line.clone());
        }
    }
}
