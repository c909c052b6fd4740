//! The part of a process that is a member of a group.

use bytes::{BufMut as _, Bytes, BytesMut};

use super::stage::Stage;
use super::{INPUT, INPUTS};
use crate::engine::context::ConnectionId;
use crate::engine::input::Input;
use crate::wire::apis::{Request, Response};
use crate::wire::consumer_protocol::Assignment;
use crate::wire::messages as m;
use crate::wire::messages::str_bytes;
use crate::wire::units::NodeId;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Classic,
    Consumer,
}

/// Where it stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Standing {
    Away,
    /// It has asked something.
    Waiting,
    Here,
}

#[derive(Debug, Clone)]
pub(super) struct Member {
    kind: Kind,
    group: &'static str,
    pub(super) connection: ConnectionId,
    node: NodeId,
    pub(super) standing: Standing,
    pub(super) id: String,
    /// Generation or member epoch.
    pub(super) epoch: i32,
    /// Partitions of the input.
    pub(super) assigned: Vec<i32>,
    /// Of the new kind: what it has, which it says when it changed.
    owned: Option<Vec<m::consumer_group_heartbeat_request::TopicPartitions>>,
}

impl Member {
    pub(super) const fn new(group: &'static str, kind: Kind) -> Self {
        Self {
            kind,
            group,
            connection: ConnectionId(0),
            node: NodeId(0),
            standing: Standing::Away,
            id: String::new(),
            epoch: -1,
            assigned: Vec::new(),
            owned: None,
        }
    }

    /// The process is gone, and so is its connection.
    pub(super) fn hang_up(&self, on: &mut Stage) {
        let bench = &mut on.world.bench;
        let (connection, why) = (self.connection, "gone".to_owned());
        bench.handle(Input::Closed { connection, why });
    }

    /// The node stops; if it is ours, so does the connection. Nobody has said that the group is over.
    pub(super) fn lose_node(&mut self, on: &mut Stage, node: NodeId) {
        if self.node == node && self.standing != Standing::Away {
            self.hang_up(on);
            self.be_away();
        }
    }

    fn be_away(&mut self) {
        self.standing = Standing::Away;
        self.assigned.clear();
    }

    fn send(&mut self, on: &mut Stage, what: &str, request: (i16, Request)) {
        on.note(format!(
            "{} {what} as {:?} in {}",
            self.group, self.id, self.epoch
        ));
        self.standing = Standing::Waiting;
        on.world.send_from(self.connection, self.node, request);
    }

    /// Looks for the coordinator, and joins.
    pub(super) fn join(&mut self, on: &mut Stage) {
        let Some(node) = on.world.group_coordinator(self.group) else {
            return;
        };
        self.node = node;
        self.connection = on.new_connection();
        self.assigned.clear();
        let request = match self.kind {
            Kind::Classic => self.classic_join(),
            Kind::Consumer => {
                self.id = format!("m{}", self.connection.0);
                self.epoch = 0;
                self.owned = Some(Vec::new());
                let topics = vec![m::TopicName(str_bytes(INPUT))];
                let request = self.consumer_heartbeat();
                let request = request
                    .with_rebalance_timeout_ms(5000)
                    .with_subscribed_topic_names(Some(topics));
                (1, request.into())
            }
        };
        self.send(on, "joins", request);
    }

    fn classic_join(&self) -> (i16, Request) {
        let range = m::join_group_request::JoinGroupRequestProtocol::default()
            .with_name(str_bytes("range"))
            .with_metadata(Bytes::from_static(&[0; 2]));
        let request = m::JoinGroupRequest::default()
            .with_group_id(m::GroupId(str_bytes(self.group)))
            .with_session_timeout_ms(6000)
            .with_rebalance_timeout_ms(9000)
            .with_member_id(str_bytes(&self.id))
            .with_protocol_type(str_bytes("consumer"))
            .with_protocols(vec![range]);
        (9, request.into())
    }

    fn consumer_heartbeat(&mut self) -> m::ConsumerGroupHeartbeatRequest {
        m::ConsumerGroupHeartbeatRequest::default()
            .with_group_id(m::GroupId(str_bytes(self.group)))
            .with_member_id(str_bytes(&self.id))
            .with_member_epoch(self.epoch)
            .with_rebalance_timeout_ms(-1)
            .with_topic_partitions(self.owned.take())
    }

    pub(super) fn beat(&mut self, on: &mut Stage) {
        let request = match self.kind {
            Kind::Classic => {
                let request = m::HeartbeatRequest::default()
                    .with_group_id(m::GroupId(str_bytes(self.group)))
                    .with_generation_id(self.epoch)
                    .with_member_id(str_bytes(&self.id));
                (4, request.into())
            }
            Kind::Consumer => (1, self.consumer_heartbeat().into()),
        };
        self.send(on, "beats", request);
    }

    /// Takes an answer. Says whether what it may read has changed.
    #[expect(clippy::wildcard_enum_match_arm, reason = "it asks for nothing else")]
    pub(super) fn hear(&mut self, on: &mut Stage, response: &Response) -> bool {
        self.standing = Standing::Here;
        match response {
            Response::JoinGroup(joined) => {
                self.joined(on, joined);
                true
            }
            Response::SyncGroup(synced) if synced.error_code == 0 => {
                let assignment = Assignment::read(&synced.assignment).unwrap();
                let partitions = assignment.partitions.into_iter().flat_map(|(_, of)| of);
                self.assigned = partitions.collect();
                true
            }
            Response::SyncGroup(synced) => self.trouble(on, synced.error_code),
            Response::Heartbeat(beat) => self.trouble(on, beat.error_code),
            Response::ConsumerGroupHeartbeat(told) => self.told(on, told),
            other => panic!("{other:?}"),
        }
    }

    fn joined(&mut self, on: &mut Stage, joined: &m::JoinGroupResponse) {
        self.id = joined.member_id.to_string();
        if joined.error_code == 79 {
            let request = self.classic_join();
            return self.send(on, "joins by its id", request);
        }
        if self.trouble(on, joined.error_code) {
            return;
        }
        self.epoch = joined.generation_id;
        let mut request = m::SyncGroupRequest::default()
            .with_group_id(m::GroupId(str_bytes(self.group)))
            .with_generation_id(self.epoch)
            .with_member_id(joined.member_id.clone());
        if joined.leader == joined.member_id {
            let ids = joined.members.iter().map(|member| member.member_id.clone());
            request = request.with_assignments(assign(&ids.collect::<Vec<_>>()));
        }
        self.send(on, "syncs", (4, request.into()));
    }

    /// Says whether there is trouble.
    fn trouble(&mut self, on: &mut Stage, code: i16) -> bool {
        match code {
            0 => return false,
            // REBALANCE_IN_PROGRESS
            27 => {
                self.assigned.clear();
                let request = self.classic_join();
                self.send(on, "joins again", request);
            }
            // The coordinator moves: the member looks for it again.
            14..=16 => self.be_away(),
            // UNKNOWN_MEMBER_ID, ILLEGAL_GENERATION, FENCED_MEMBER_EPOCH, of a group that is gone
            25 | 22 | 110 | 69 => {
                self.id.clear();
                self.be_away();
            }
            _ => panic!("{} hears {code}", self.id),
        }
        on.note(format!("{} hears {code}", self.group));
        true
    }

    fn told(&mut self, on: &mut Stage, told: &m::ConsumerGroupHeartbeatResponse) -> bool {
        if self.trouble(on, told.error_code) {
            return true;
        }
        self.epoch = told.member_epoch;
        let Some(assignment) = &told.assignment else {
            return false;
        };
        let topics = &assignment.topic_partitions;
        self.assigned = topics
            .iter()
            .flat_map(|topic| topic.partitions.iter().copied())
            .collect();
        let owned = topics.iter().map(|topic| {
            m::consumer_group_heartbeat_request::TopicPartitions::default()
                .with_topic_id(topic.topic_id)
                .with_partitions(topic.partitions.clone())
        });
        self.owned = Some(owned.collect());
        true
    }
}

/// Partitions in turn, in the members' order.
fn assign(ids: &[m::StrBytes]) -> Vec<m::sync_group_request::SyncGroupRequestAssignment> {
    let row = |(place, id): (usize, &m::StrBytes)| {
        let of = (0..INPUTS).skip(place).step_by(ids.len());
        m::sync_group_request::SyncGroupRequestAssignment::default()
            .with_member_id(id.clone())
            .with_assignment(encoded(&of.collect::<Vec<_>>()))
    };
    ids.iter().enumerate().map(row).collect()
}

fn encoded(partitions: &[i32]) -> Bytes {
    let mut bytes = BytesMut::new();
    bytes.put_i16(0);
    bytes.put_i32(1);
    bytes.put_i16(i16::try_from(INPUT.len()).unwrap());
    bytes.put_slice(INPUT.as_bytes());
    bytes.put_i32(i32::try_from(partitions.len()).unwrap());
    for partition in partitions {
        bytes.put_i32(*partition);
    }
    bytes.put_i32(-1);
    bytes.freeze()
}
