//! JoinGroup of someone who is new to a group.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;

use super::{ClassicGroup, ErrorCode, JoinReply, Member, Protocol, Reply, State, Turn};
use crate::engine::context::{ConnectionId, Ticket};

/// How long a new member may wait for its generation. It cannot send heartbeats, since it does not
/// know its id, and a client that gave up leaves no other trace.
const NEW_MEMBER_TIMEOUT: Duration = Duration::from_secs(300);

/// A JoinGroup that passed the checks of its own content.
#[derive(Debug, Clone)]
pub(crate) struct JoinRequest {
    pub(crate) ticket: Ticket,
    pub(crate) connection: ConnectionId,
    pub(crate) group: Arc<str>,
    /// Empty for who is new.
    pub(crate) member: Arc<str>,
    pub(crate) instance: Option<Arc<str>>,
    pub(crate) client_id: Arc<str>,
    pub(crate) client_host: Arc<str>,
    pub(crate) session_timeout: Duration,
    pub(crate) rebalance_timeout: Duration,
    pub(crate) protocol_type: Arc<str>,
    pub(crate) protocols: Vec<Protocol>,
    /// Why the client joins (KIP-800); noted, and nothing else.
    pub(crate) reason: Option<String>,
    /// A dynamic member must come back with the id it is given (KIP-394).
    pub(crate) takes_id_first: bool,
    /// A static leader that returns may be told to leave the assignment as it is (KIP-814).
    pub(crate) may_skip_assignment: bool,
}

impl JoinRequest {
    pub(super) fn is_new(&self) -> bool {
        self.member.is_empty()
    }

    pub(crate) fn refuse(&self, turn: &mut Turn<'_>, error: ErrorCode, member: Arc<str>) {
        turn.reply(self.ticket, Reply::Join(JoinReply::refused(error, member)));
    }

    pub(super) fn why(&self, what: &str) -> String {
        let reason = self.reason.as_deref().filter(|reason| !reason.is_empty());
        format!(
            "{what}; client reason: {}",
            reason.unwrap_or("not provided")
        )
    }

    fn new_member_id(&self, turn: &mut Turn<'_>) -> Arc<str> {
        let begin = self.instance.as_ref().unwrap_or(&self.client_id);
        format!("{begin}-{}", turn.rng.next_uuid()).into()
    }
}

impl ClassicGroup {
    /// Takes a JoinGroup, and answers it now or when the rebalance is complete.
    pub(crate) fn join(&mut self, turn: &mut Turn<'_>, request: JoinRequest) {
        if !self.has_room_for(&request.member, turn.config.group_max_size) {
            self.remove(turn, &request.member);
            request.refuse(turn, ErrorCode::GroupMaxSizeReached, "".into());
        } else if self.state == State::Dead {
            let member = request.member.clone();
            request.refuse(turn, ErrorCode::CoordinatorNotAvailable, member);
        } else if !self.fits(&request.protocol_type, &request.protocols) {
            let member = request.member.clone();
            request.refuse(turn, ErrorCode::InconsistentGroupProtocol, member);
        } else if request.is_new() {
            self.join_new(turn, request);
        } else {
            self.rejoin(turn, request);
        }
    }

    /// Whether a joining member is within group.max.size (KIP-389). During a rebalance those count
    /// who have joined, so that the last of too many are turned away.
    fn has_room_for(&self, id: &str, max: usize) -> bool {
        let member = self.members.get(id);
        match self.state {
            State::Empty | State::Dead => true,
            State::PreparingRebalance(_) => {
                member.is_some_and(|member| member.waiting_join.is_some())
                    || self.waiting_joins() < max
            }
            State::CompletingRebalance(_) | State::Stable(_) => {
                member.is_some() || self.members.len() < max
            }
        }
    }

    fn join_new(&mut self, turn: &mut Turn<'_>, request: JoinRequest) {
        let id = request.new_member_id(turn);
        if let Some(instance) = &request.instance {
            match self.instances.get(instance).cloned() {
                Some(old) => self.replace_static(turn, request, &old, id),
                None => self.admit(turn, request, id),
            }
        } else if request.takes_id_first {
            self.pending.insert(id.clone());
            self.expect(turn, &id, request.session_timeout);
            request.refuse(turn, ErrorCode::MemberIdRequired, id);
        } else {
            self.admit(turn, request, id);
        }
    }

    /// Makes someone a member.
    pub(super) fn admit(&mut self, turn: &mut Turn<'_>, request: JoinRequest, id: Arc<str>) {
        if self.state.is_initial() {
            self.new_member_added = true;
        }
        let why = request.why("a new member");
        let member = Member {
            id: id.clone(),
            instance_id: request.instance,
            client_id: request.client_id,
            client_host: request.client_host,
            connection: Some(request.connection),
            rebalance_timeout: request.rebalance_timeout,
            session_timeout: request.session_timeout,
            protocols: request.protocols,
            assignment: Bytes::new(),
            waiting_join: Some(request.ticket),
            waiting_sync: None,
            is_new: true,
        };
        self.add(member, request.protocol_type);
        self.expect(turn, &id, NEW_MEMBER_TIMEOUT);
        self.rebalance_or_complete(turn, &why);
    }
}
