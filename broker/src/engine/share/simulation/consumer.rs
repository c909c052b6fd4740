//! One consumer of a share group, as its library would act, but for what it says of records: that is left to chance.

use std::collections::{BTreeMap, BTreeSet};

use uuid::Uuid;

use super::TOPIC;
use crate::engine::context::ConnectionId;
use crate::engine::rng::Rng;
use crate::engine::share::sessions::FINAL_EPOCH;
use crate::wire::apis::{Request, Response};
use crate::wire::error::ErrorCode;
use crate::wire::messages::{
    ShareAcknowledgeRequest, ShareFetchRequest, ShareGroupHeartbeatRequest,
    share_acknowledge_request as acknowledge, share_fetch_request as fetch, str_bytes,
};
use crate::wire::units::NodeId;

pub(super) const GAP: i8 = 0;
pub(super) const ACCEPT: i8 = 1;
pub(super) const RELEASE: i8 = 2;
pub(super) const REJECT: i8 = 3;
pub(super) const RENEW: i8 = 4;

/// A record.
pub(super) type At = (i32, i64);

/// What a consumer asked of a node.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Asked {
    Beat,
    /// What it said of records, if anything, and whether it ended its session with that.
    Fetch(Vec<Said>, bool),
    Acknowledge(Vec<Said>, bool),
}

/// What it said of one record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Said {
    pub(super) at: At,
    pub(super) kind: i8,
}

#[derive(Debug)]
struct Link {
    connection: ConnectionId,
    waiting: Option<Asked>,
}

#[derive(Debug)]
pub(super) struct Consumer {
    pub(super) name: String,
    pub(super) group: &'static str,
    epoch: i32,
    /// The partitions that it was assigned.
    assigned: BTreeSet<i32>,
    links: BTreeMap<NodeId, Link>,
    /// The epoch of the session that comes next, by node.
    sessions: BTreeMap<NodeId, i32>,
    /// What it has, by the node that gave it.
    held: BTreeMap<NodeId, BTreeSet<At>>,
    is_diligent: bool,
}

impl Consumer {
    pub(super) fn new(group: &'static str, place: usize) -> Self {
        Self {
            name: format!("{group}-{place}"),
            group,
            epoch: 0,
            assigned: BTreeSet::new(),
            links: BTreeMap::new(),
            sessions: BTreeMap::new(),
            held: BTreeMap::new(),
            is_diligent: false,
        }
    }

    /// One that accepts all it gets.
    pub(super) fn diligent(group: &'static str) -> Self {
        Self {
            name: format!("{group}-diligent"),
            is_diligent: true,
            ..Self::new(group, 0)
        }
    }

    pub(super) fn connection(&self, node: NodeId) -> Option<ConnectionId> {
        self.links.get(&node).map(|link| link.connection)
    }

    pub(super) fn connections(&self) -> Vec<ConnectionId> {
        self.links.values().map(|link| link.connection).collect()
    }

    pub(super) fn connected(&mut self, node: NodeId, connection: ConnectionId) {
        let waiting = None;
        let link = Link {
            connection,
            waiting,
        };
        self.links.insert(node, link);
    }

    pub(super) fn disconnected(&mut self, node: NodeId) {
        self.links.remove(&node);
        self.sessions.remove(&node);
        self.held.remove(&node);
    }

    /// Begins anew, with the epoch of before or without.
    pub(super) fn forget(&mut self, remembers: bool) {
        if !remembers {
            self.epoch = 0;
            self.assigned.clear();
        }
    }

    /// Whether nothing else is asked of the node.
    pub(super) fn waits(&self, node: NodeId, _asked: &Asked) -> bool {
        self.links
            .get(&node)
            .is_none_or(|link| link.waiting.is_none())
    }

    pub(super) fn asked(&mut self, node: NodeId, asked: Asked) {
        if let Asked::Fetch(said, _) | Asked::Acknowledge(said, _) = &asked
            && let Some(held) = self.held.get_mut(&node)
        {
            for said in said.iter().filter(|said| said.kind != RENEW) {
                held.remove(&said.at);
            }
        }
        if let Some(link) = self.links.get_mut(&node) {
            link.waiting = Some(asked);
        }
    }

    /// What the answer of a node is to.
    pub(super) fn answered(&mut self, node: NodeId) -> Asked {
        let link = self.links.get_mut(&node).unwrap();
        link.waiting.take().unwrap()
    }

    pub(super) fn beat(&mut self, rng: &mut Rng) -> Request {
        if !self.is_diligent && rng.below(15) == 0 {
            self.epoch = -1;
        }
        let topics = (self.epoch == 0).then(|| vec![str_bytes(TOPIC).into()]);
        ShareGroupHeartbeatRequest::default()
            .with_group_id(str_bytes(self.group).into())
            .with_member_id(str_bytes(&self.name))
            .with_member_epoch(self.epoch)
            .with_subscribed_topic_names(topics)
            .into()
    }

    /// What it asks of a node that leads these partitions, of which it fetches those that it was assigned.
    pub(super) fn ask(
        &self,
        rng: &mut Rng,
        (node, topic): (NodeId, Uuid),
        led: &[i32],
    ) -> Option<(Asked, i16, Request)> {
        // An answer that is yet to come tells of the session.
        if self
            .links
            .get(&node)
            .is_some_and(|link| link.waiting.is_some())
        {
            return None;
        }
        let led: Vec<i32> = led
            .iter()
            .copied()
            .filter(|led| self.assigned.contains(led))
            .collect();
        let session = self.sessions.get(&node).copied().unwrap_or(0);
        if session == 0 && led.is_empty() {
            return None;
        }
        let said = if session == 0 {
            Vec::new()
        } else {
            self.say(rng, node)
        };
        let ends = session > 0 && !self.is_diligent && rng.below(20) == 0;
        let epoch = if ends { FINAL_EPOCH } else { session };
        if session > 0 && !said.is_empty() && rng.below(2) == 0 {
            let request = self.acknowledge(epoch, topic, &said);
            return Some((Asked::Acknowledge(said, ends), 2, request));
        }
        let renews = said.iter().any(|said| said.kind == RENEW);
        let said = if renews { Vec::new() } else { said };
        let request = self.fetch(rng, epoch, (topic, &led), &said);
        Some((Asked::Fetch(said, ends), 2, request))
    }

    /// What it says of some of the records that it has.
    fn say(&self, rng: &mut Rng, node: NodeId) -> Vec<Said> {
        let held = self.held.get(&node).into_iter().flatten().copied();
        if self.is_diligent {
            return held.map(|at| Said { at, kind: ACCEPT }).collect();
        }
        let renews = rng.below(10) == 0;
        let chosen: Vec<At> = held.filter(|_| rng.below(3) > 0).collect();
        let kinds = chosen.into_iter().map(|at| {
            // Most are accepted, some are no good, and some come again until they come no more.
            let kind = [GAP, ACCEPT, ACCEPT, RELEASE, RELEASE, REJECT][rng.below(6)];
            let kind = if renews { RENEW } else { kind };
            Said { at, kind }
        });
        kinds.collect()
    }

    fn fetch(
        &self,
        rng: &mut Rng,
        epoch: i32,
        (topic, led): (Uuid, &[i32]),
        said: &[Said],
    ) -> Request {
        let mut partitions: BTreeMap<i32, Vec<fetch::AcknowledgementBatch>> = BTreeMap::new();
        if epoch >= 0 {
            partitions.extend(led.iter().map(|index| (*index, Vec::new())));
        }
        for said in said {
            let batch = fetch::AcknowledgementBatch {
                first_offset: said.at.1,
                last_offset: said.at.1,
                acknowledge_types: vec![said.kind],
            };
            partitions.entry(said.at.0).or_default().push(batch);
        }
        let partitions = partitions
            .into_iter()
            .map(|(index, batches)| fetch::FetchPartition {
                partition_index: index,
                acknowledgement_batches: batches,
            });
        let topic = fetch::FetchTopic {
            topic_id: topic,
            partitions: partitions.collect(),
        };
        let waits = !self.is_diligent && rng.below(4) == 0;
        ShareFetchRequest {
            group_id: Some(str_bytes(self.group).into()),
            member_id: Some(str_bytes(&self.name)),
            share_session_epoch: epoch,
            max_wait_ms: if waits { 500 } else { 0 },
            min_bytes: 1,
            max_bytes: 1_000_000,
            max_records: 1 + i32::try_from(rng.below(20)).unwrap(),
            batch_size: 1 + i32::try_from(rng.below(10)).unwrap(),
            share_acquire_mode: i8::try_from(rng.below(2)).unwrap(),
            topics: vec![topic],
            ..ShareFetchRequest::default()
        }
        .into()
    }

    fn acknowledge(&self, epoch: i32, topic: Uuid, said: &[Said]) -> Request {
        let mut partitions: BTreeMap<i32, Vec<acknowledge::AcknowledgementBatch>> = BTreeMap::new();
        for said in said {
            let batch = acknowledge::AcknowledgementBatch {
                first_offset: said.at.1,
                last_offset: said.at.1,
                acknowledge_types: vec![said.kind],
            };
            partitions.entry(said.at.0).or_default().push(batch);
        }
        let partitions =
            partitions
                .into_iter()
                .map(|(index, batches)| acknowledge::AcknowledgePartition {
                    partition_index: index,
                    acknowledgement_batches: batches,
                });
        let topic = acknowledge::AcknowledgeTopic {
            topic_id: topic,
            partitions: partitions.collect(),
        };
        ShareAcknowledgeRequest {
            group_id: Some(str_bytes(self.group).into()),
            member_id: Some(str_bytes(&self.name)),
            share_session_epoch: epoch,
            is_renew_ack: said.iter().any(|said| said.kind == RENEW),
            topics: vec![topic],
        }
        .into()
    }

    /// Takes an answer, with what it acquires.
    #[expect(clippy::wildcard_enum_match_arm, reason = "it asks for nothing else")]
    pub(super) fn hear(
        &mut self,
        node: NodeId,
        asked: &Asked,
        response: &Response,
        acquired: Vec<At>,
    ) {
        match response {
            Response::ShareGroupHeartbeat(told) => {
                let code = ErrorCode::of(told.error_code);
                if let Some(assignment) = &told.assignment {
                    let topics = assignment.topic_partitions.iter();
                    self.assigned = topics
                        .flat_map(|topic| &topic.partitions)
                        .copied()
                        .collect();
                }
                self.epoch = match code {
                    ErrorCode::None => told.member_epoch.max(0),
                    ErrorCode::NotCoordinator
                    | ErrorCode::CoordinatorLoadInProgress
                    | ErrorCode::CoordinatorNotAvailable => self.epoch.max(0),
                    ErrorCode::UnknownMemberId
                    | ErrorCode::FencedMemberEpoch
                    | ErrorCode::GroupIdNotFound => 0,
                    other => panic!("{} hears {other:?}", self.name),
                };
            }
            Response::ShareFetch(told) => {
                self.heard_of_session(node, asked, ErrorCode::of(told.error_code));
                self.held.entry(node).or_default().extend(acquired);
            }
            Response::ShareAcknowledge(told) => {
                self.heard_of_session(node, asked, ErrorCode::of(told.error_code));
            }
            other => panic!("{other:?}"),
        }
    }

    #[expect(clippy::wildcard_enum_match_arm, reason = "all else fails the test")]
    fn heard_of_session(&mut self, node: NodeId, asked: &Asked, code: ErrorCode) {
        let (Asked::Fetch(_, ends) | Asked::Acknowledge(_, ends)) = asked else {
            return;
        };
        let session = self.sessions.entry(node).or_insert(0);
        match code {
            ErrorCode::None if *ends => *session = 0,
            ErrorCode::None => *session += 1,
            ErrorCode::ShareSessionNotFound | ErrorCode::InvalidShareSessionEpoch => *session = 0,
            other => panic!("{} hears {other:?}", self.name),
        }
        if *session == 0 {
            self.held.remove(&node);
        }
    }

    /// An answer was lost: it begins another session.
    pub(super) fn missed(&mut self, node: NodeId, asked: &Asked) {
        if *asked != Asked::Beat {
            self.sessions.insert(node, 0);
            self.held.remove(&node);
        }
    }
}
