//! One client that is, was or will be a member of a group, as its library would act.

use bytes::{BufMut as _, Bytes, BytesMut};

use super::rules::Seen;
use super::streams::{self, Tasks};
use super::{PARTITIONS, TOPIC};
use crate::engine::context::ConnectionId;
use crate::wire::apis::{Request, Response};
use crate::wire::consumer_protocol::Assignment;
use crate::wire::error::ErrorCode;
use crate::wire::messages::consumer_group_heartbeat_request::TopicPartitions;
use crate::wire::messages::join_group_request::JoinGroupRequestProtocol;
use crate::wire::messages::leave_group_request::MemberIdentity;
use crate::wire::messages::sync_group_request::SyncGroupRequestAssignment;
use crate::wire::messages::{
    ConsumerGroupHeartbeatRequest, ConsumerGroupHeartbeatResponse, GroupId, HeartbeatRequest,
    JoinGroupRequest, JoinGroupResponse, LeaveGroupRequest, OffsetCommitRequest,
    OffsetCommitRequestPartition, OffsetCommitRequestTopic, StrBytes, StreamsGroupHeartbeatRequest,
    StreamsGroupHeartbeatResponse, SyncGroupRequest, TopicName, str_bytes,
};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Protocol {
    Classic,
    Consumer,
    Streams,
}

/// Where a client stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stage {
    /// It has no connection.
    Away,
    /// It has asked something.
    Waiting,
    Here,
    /// It is there but says nothing.
    Hung,
}

#[derive(Debug)]
pub(super) struct Member {
    pub(super) name: String,
    pub(super) connection: ConnectionId,
    pub(super) stage: Stage,
    protocol: Protocol,
    group: &'static str,
    instance: Option<StrBytes>,
    id: StrBytes,
    /// Generation or member epoch.
    epoch: i32,
    /// Of the new protocol: what it has, which it says when it changed.
    owned: Option<Vec<TopicPartitions>>,
    tasks: Tasks,
    leaving: bool,
}

impl Member {
    pub(super) fn new(
        group: &'static str,
        place: usize,
        protocol: Protocol,
        is_static: bool,
    ) -> Self {
        let name = format!("{group}-{place}-{protocol:?}");
        Self {
            instance: is_static.then(|| str_bytes(&name)),
            id: StrBytes::new(),
            connection: ConnectionId(0),
            stage: Stage::Away,
            epoch: -1,
            owned: None,
            tasks: Tasks::new(place),
            leaving: false,
            name,
            protocol,
            group,
        }
    }

    fn group_id(&self) -> GroupId {
        GroupId(str_bytes(self.group))
    }

    /// How it begins: as somebody new, or by the id of before.
    pub(super) fn join(&mut self, forgets: bool) -> (i16, Request) {
        if forgets {
            self.id = StrBytes::new();
        }
        self.leaving = false;
        match self.protocol {
            Protocol::Classic => self.classic_join(),
            Protocol::Consumer => {
                if self.id.is_empty() {
                    self.id = str_bytes(format!("{}-{}", self.name, self.connection.0));
                }
                self.epoch = 0;
                self.owned = Some(Vec::new());
                let topics = vec![TopicName(str_bytes(TOPIC))];
                let request = self.consumer_heartbeat();
                let request = request
                    .with_rebalance_timeout_ms(5000)
                    .with_subscribed_topic_names(Some(topics));
                (1, request.into())
            }
            Protocol::Streams => {
                if self.id.is_empty() {
                    self.id = Tasks::id(&self.name, self.connection);
                }
                self.epoch = 0;
                let heartbeat = self.streams_heartbeat();
                (1, self.tasks.join(heartbeat).into())
            }
        }
    }

    fn classic_join(&self) -> (i16, Request) {
        let mut metadata = BytesMut::new();
        metadata.put_i16(0);
        metadata.put_i32(1);
        metadata.put_i16(i16::try_from(TOPIC.len()).unwrap());
        metadata.put_slice(TOPIC.as_bytes());
        metadata.put_i32(-1);
        let range = JoinGroupRequestProtocol::default()
            .with_name(str_bytes("range"))
            .with_metadata(metadata.freeze());
        let request = JoinGroupRequest::default()
            .with_group_id(self.group_id())
            .with_session_timeout_ms(6000)
            .with_rebalance_timeout_ms(9000)
            .with_member_id(self.id.clone())
            .with_group_instance_id(self.instance.clone())
            .with_protocol_type(str_bytes("consumer"))
            .with_protocols(vec![range]);
        (9, request.into())
    }

    fn consumer_heartbeat(&mut self) -> ConsumerGroupHeartbeatRequest {
        ConsumerGroupHeartbeatRequest::default()
            .with_group_id(self.group_id())
            .with_member_id(self.id.clone())
            .with_member_epoch(self.epoch)
            .with_instance_id(self.instance.clone())
            .with_rebalance_timeout_ms(-1)
            .with_topic_partitions(self.owned.take())
    }

    fn streams_heartbeat(&mut self) -> StreamsGroupHeartbeatRequest {
        let who = (self.group_id(), self.id.clone(), self.epoch);
        self.tasks.heartbeat(who, self.instance.clone())
    }

    pub(super) fn heartbeat(&mut self) -> (i16, Request) {
        match self.protocol {
            Protocol::Classic => {
                let request = HeartbeatRequest::default()
                    .with_group_id(self.group_id())
                    .with_generation_id(self.epoch)
                    .with_member_id(self.id.clone())
                    .with_group_instance_id(self.instance.clone());
                (4, request.into())
            }
            Protocol::Consumer => (1, self.consumer_heartbeat().into()),
            Protocol::Streams => (1, self.streams_heartbeat().into()),
        }
    }

    /// Commits an offset of a partition, its own or not, as a member of its generation.
    pub(super) fn commit(&self, partition: i32, offset: i64) -> (i16, Request) {
        let partition = OffsetCommitRequestPartition {
            partition_index: partition,
            committed_offset: offset,
            ..OffsetCommitRequestPartition::default()
        };
        let topic = OffsetCommitRequestTopic {
            name: TopicName(str_bytes(TOPIC)),
            partitions: vec![partition],
            ..OffsetCommitRequestTopic::default()
        };
        let request = OffsetCommitRequest {
            group_id: self.group_id(),
            generation_id_or_member_epoch: self.epoch,
            member_id: self.id.clone(),
            group_instance_id: self.instance.clone(),
            topics: vec![topic],
            ..OffsetCommitRequest::default()
        };
        (9, request.into())
    }

    pub(super) fn leave(&mut self) -> (i16, Request) {
        self.leaving = true;
        match self.protocol {
            Protocol::Classic => {
                let row = MemberIdentity::default().with_member_id(self.id.clone());
                let request = LeaveGroupRequest::default()
                    .with_group_id(self.group_id())
                    .with_members(vec![row]);
                (5, request.into())
            }
            Protocol::Consumer => {
                self.epoch = -1;
                self.owned = None;
                (1, self.consumer_heartbeat().into())
            }
            Protocol::Streams => {
                // A static one will be back.
                self.epoch = if self.instance.is_some() { -2 } else { -1 };
                (1, self.streams_heartbeat().into())
            }
        }
    }

    /// Takes an answer, and says what it asks next, if anything at once.
    #[expect(clippy::wildcard_enum_match_arm, reason = "it asks for nothing else")]
    pub(super) fn hear(&mut self, response: &Response, seen: &mut Seen) -> Option<(i16, Request)> {
        self.stage = Stage::Here;
        if self.leaving {
            self.stage = Stage::Away;
            return None;
        }
        match response {
            Response::JoinGroup(joined) => self.joined(joined, seen),
            Response::SyncGroup(synced) => {
                if synced.error_code == ErrorCode::None.code() {
                    let assignment = Assignment::read(&synced.assignment).unwrap();
                    let partitions = assignment.partitions.into_iter().flat_map(|(_, of)| of);
                    seen.owns(self.group, self.epoch, &self.id, partitions);
                    return None;
                }
                self.classic_trouble(synced.error_code)
            }
            Response::Heartbeat(beat) => self.classic_trouble(beat.error_code),
            // What it may not commit any more it hears of with its next heartbeat.
            Response::OffsetCommit(_) => None,
            Response::ConsumerGroupHeartbeat(told) => {
                self.told(told, seen);
                None
            }
            Response::StreamsGroupHeartbeat(told) => {
                self.streams_told(told, seen);
                None
            }
            other => panic!("{other:?}"),
        }
    }

    fn streams_told(&mut self, told: &StreamsGroupHeartbeatResponse, seen: &mut Seen) {
        if told.error_code == ErrorCode::None.code() {
            assert!(self.epoch <= told.member_epoch, "{} goes back", self.name);
            self.epoch = told.member_epoch;
            seen.generation(self.group, self.epoch);
            self.tasks.told(told);
            return;
        }
        let expected = streams::expects(told.error_code);
        assert!(expected, "{} hears {}", self.name, told.error_code);
        self.id = StrBytes::new();
        self.stage = Stage::Away;
    }

    fn joined(&mut self, joined: &JoinGroupResponse, seen: &mut Seen) -> Option<(i16, Request)> {
        if joined.error_code == ErrorCode::MemberIdRequired.code() {
            self.id = joined.member_id.clone();
            return Some(self.classic_join());
        }
        if joined.error_code != ErrorCode::None.code() {
            return self.classic_trouble(joined.error_code);
        }
        self.id = joined.member_id.clone();
        self.epoch = joined.generation_id;
        seen.generation(self.group, self.epoch);
        let mut request = SyncGroupRequest::default()
            .with_group_id(self.group_id())
            .with_generation_id(self.epoch)
            .with_member_id(self.id.clone())
            .with_group_instance_id(self.instance.clone());
        if joined.leader == joined.member_id {
            let ids = joined.members.iter().map(|member| member.member_id.clone());
            request = request.with_assignments(assign(&ids.collect::<Vec<_>>()));
        }
        Some((4, request.into()))
    }

    fn classic_trouble(&mut self, code: i16) -> Option<(i16, Request)> {
        let is = |error: ErrorCode| code == error.code();
        if is(ErrorCode::None) {
            return None;
        }
        if is(ErrorCode::RebalanceInProgress) {
            return Some(self.classic_join());
        }
        let forgotten = is(ErrorCode::UnknownMemberId) || is(ErrorCode::IllegalGeneration);
        let expected =
            forgotten || is(ErrorCode::FencedInstanceId) || is(ErrorCode::NotCoordinator);
        // Groups of the other kind that cannot take it, and groups that are full, are not meant here.
        assert!(expected, "{} hears {code}", self.name);
        self.id = StrBytes::new();
        self.stage = Stage::Away;
        None
    }

    fn told(&mut self, told: &ConsumerGroupHeartbeatResponse, seen: &mut Seen) {
        let is = |error: ErrorCode| told.error_code == error.code();
        if is(ErrorCode::None) {
            let (before, epoch) = (self.epoch, told.member_epoch);
            assert!(
                before <= epoch,
                "{} goes from {before} to {epoch}",
                self.name
            );
            self.epoch = epoch;
            seen.generation(self.group, epoch);
            if let Some(assignment) = &told.assignment {
                let owned = assignment.topic_partitions.iter().map(|topic| {
                    TopicPartitions::default()
                        .with_topic_id(topic.topic_id)
                        .with_partitions(topic.partitions.clone())
                });
                self.owned = Some(owned.collect());
            }
            return;
        }
        // A classic group in its first rebalance has no protocol yet that could be read.
        let cannot_convert = self.group == "mixed" && is(ErrorCode::UnknownServerError);
        let expected = cannot_convert
            || is(ErrorCode::UnknownMemberId)
            || is(ErrorCode::FencedMemberEpoch)
            || is(ErrorCode::UnreleasedInstanceId)
            || is(ErrorCode::FencedInstanceId)
            || is(ErrorCode::GroupIdNotFound);
        assert!(expected, "{} hears {}", self.name, told.error_code);
        self.id = StrBytes::new();
        self.stage = Stage::Away;
    }
}

/// Partitions in turn, in the members' order.
fn assign(ids: &[StrBytes]) -> Vec<SyncGroupRequestAssignment> {
    let row = |(place, id): (usize, &StrBytes)| {
        let of = (0..PARTITIONS).skip(place).step_by(ids.len());
        SyncGroupRequestAssignment::default()
            .with_member_id(id.clone())
            .with_assignment(encoded(&of.collect::<Vec<_>>()))
    };
    ids.iter().enumerate().map(row).collect()
}

fn encoded(partitions: &[i32]) -> Bytes {
    let mut bytes = BytesMut::new();
    bytes.put_i16(0);
    bytes.put_i32(1);
    bytes.put_i16(i16::try_from(TOPIC.len()).unwrap());
    bytes.put_slice(TOPIC.as_bytes());
    bytes.put_i32(i32::try_from(partitions.len()).unwrap());
    for partition in partitions {
        bytes.put_i32(*partition);
    }
    bytes.put_i32(-1);
    bytes.freeze()
}
