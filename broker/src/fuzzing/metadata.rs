//! What requests and records of groups carry inside: subscriptions and assignments of consumers, topologies, and the records
//! of the state topics, which coordinators load.

use std::time::Duration;

use bytes::Bytes;

use super::choices::Choices;
use super::cluster;
use super::words::Words;
use super::world::World;
use crate::engine::commands::{Command, CoordinatorCommand};
use crate::engine::context::ConnectionId;
use crate::engine::state_topic::StateTopic;
use crate::wire::api::Api;
use crate::wire::batch::BatchView;
use crate::wire::compression::Codec;
use crate::wire::consumer_protocol::{self, Assignment, Subscription};
use crate::wire::guard::{self, chosen};
use crate::wire::messages::join_group_request::JoinGroupRequestProtocol;
use crate::wire::messages::sync_group_request::SyncGroupRequestAssignment;
use crate::wire::messages::{
    FindCoordinatorRequest, JoinGroupRequest, SyncGroupRequest, str_bytes,
};
use crate::wire::records::{BatchBuilder, NewRecord};
use crate::wire::units::NodeId;

/// Requests about groups that look at what others have sent.
const ABOUT_GROUPS: &[Api] = &[
    Api::ConsumerGroupHeartbeat,
    Api::ConsumerGroupHeartbeat,
    Api::ShareGroupHeartbeat,
    Api::StreamsGroupHeartbeat,
    Api::StreamsGroupHeartbeat,
    Api::StreamsGroupHeartbeat,
    Api::DescribeGroups,
    Api::ConsumerGroupDescribe,
    Api::ShareGroupDescribe,
    Api::StreamsGroupDescribe,
    Api::ListGroups,
    Api::OffsetFetch,
    Api::OffsetCommit,
    Api::OffsetDelete,
    Api::LeaveGroup,
    Api::DeleteGroups,
    Api::ReadShareGroupState,
    Api::WriteShareGroupState,
    Api::DescribeTransactions,
    Api::ListTransactions,
    Api::InitProducerId,
    Api::EndTxn,
];

const STEPS_MAX: usize = 24;

struct Groups<'a, 'b> {
    choices: &'a mut Choices<'b>,
    world: World,
    clients: [ConnectionId; 3],
}

pub(super) fn metadata(bytes: &[u8]) {
    let mut choices = Choices::new(bytes);
    if choices.byte() & 7 == 0 {
        return read(choices.rest());
    }
    let mut world = World::new(1);
    let client = world.open(NodeId(0));
    for (kind, key) in [(0, "g"), (1, "x"), (2, "s:AAAAAAAAAAAAAAAAAAAAAQ:0")] {
        let request = FindCoordinatorRequest::default()
            .with_key_type(kind)
            .with_coordinator_keys(vec![str_bytes(key)]);
        world.send(client, 6, request);
    }
    let mut groups = Groups {
        clients: [client, world.open(NodeId(0)), world.open(NodeId(0))],
        world,
        choices: &mut choices,
    };
    for _ in 0..STEPS_MAX {
        if groups.choices.are_over() {
            break;
        }
        groups.step();
    }
    groups.load();
    groups.world.look();
    groups.world.pass(Duration::from_secs(8 * 86_400));
    groups.world.look();
}

/// Bytes as what consumers tell each other.
fn read(bytes: &[u8]) {
    let bytes = Bytes::copy_from_slice(bytes);
    let _ = consumer_protocol::topics(&bytes);
    let assigned = Assignment::read(&bytes);
    let Some(subscription) = Subscription::read(&bytes) else {
        return;
    };
    let partitions = assigned.map_or(subscription.owned, |assigned| assigned.partitions);
    let written = consumer_protocol::assignment_for(&bytes, &partitions);
    let read = written.and_then(|written| Assignment::read(&written));
    if let Some(read) = read {
        assert_eq!(
            read.partitions, partitions,
            "an assignment says what was written"
        );
    }
}

impl Groups<'_, '_> {
    fn step(&mut self) {
        match self.choices.byte() % 8 {
            0 => self.join(),
            1 => self.sync(),
            2 | 3 => self.write_state(),
            4 => self.load(),
            5 => {
                let wait = self.choices.pick(&[100, 3000, 6000, 45_000, 300_000]);
                self.world.pass(Duration::from_millis(wait));
            }
            _ => self.ask(),
        }
    }

    fn client(&mut self) -> ConnectionId {
        let place = self.choices.below(3);
        let client = self.clients.get_mut(place).expect("it is below");
        if !self.world.is_idle(*client) {
            self.world.close(*client);
            *client = self.world.open(NodeId(0));
        }
        *client
    }

    fn member(&mut self) -> String {
        let members = &self.world.heard.members;
        let place = self.choices.below(members.len().saturating_add(1));
        members.get(place).cloned().unwrap_or_default()
    }

    /// A member joins, with what is chosen as its subscription.
    fn join(&mut self) {
        let client = self.client();
        let member = self.member();
        let name = self.choices.pick(&["range", "sticky"]);
        let kind = self.choices.pick(&["consumer", "consumer", "connect"]);
        let metadata = Bytes::copy_from_slice(self.choices.piece());
        let protocol = JoinGroupRequestProtocol::default()
            .with_name(str_bytes(name))
            .with_metadata(metadata);
        let request = JoinGroupRequest::default()
            .with_group_id(str_bytes("g").into())
            .with_session_timeout_ms(6000)
            .with_rebalance_timeout_ms(6000)
            .with_member_id(str_bytes(&member))
            .with_protocol_type(str_bytes(kind))
            .with_protocols(vec![protocol]);
        // So old that a member need not come twice.
        self.world.send(client, 3, request);
        self.world.pass(Duration::from_secs(3));
    }

    fn sync(&mut self) {
        let client = self.client();
        let member = self.member();
        let row = SyncGroupRequestAssignment::default()
            .with_member_id(str_bytes(self.member()))
            .with_assignment(Bytes::copy_from_slice(self.choices.piece()));
        let request = SyncGroupRequest::default()
            .with_group_id(str_bytes("g").into())
            .with_generation_id(i32::from(self.choices.byte() % 4))
            .with_member_id(str_bytes(&member))
            .with_assignments(vec![row]);
        self.world.send(client, 3, request);
    }

    /// An admin client writes what it likes to a state topic, as Kafka lets it.
    fn write_state(&mut self) {
        let topics = [
            "__consumer_offsets",
            "__transaction_state",
            "__share_group_state",
        ];
        let topic = self.choices.pick(&topics);
        let batch = self.state_records();
        let request = cluster::produce(topic, batch.to_bytes());
        let client = self.client();
        let request: crate::wire::apis::Request = request.into();
        if let Some(body) = request.body(9) {
            self.world
                .ask(client, (Api::Produce.key(), 9), ("__admin_client", body));
        }
    }

    /// Records whose keys begin with a version that there is, at times one after another.
    fn state_records(&mut self) -> BatchView {
        let mut builder = BatchBuilder::default();
        for delta in 0..=i32::from(self.choices.byte() % 4) {
            let version = self.choices.byte() % 24;
            let key = match self.choices.byte() % 4 {
                0 => self.choices.piece().to_vec(),
                1 => [&[0, version, 0, 1, b'g'][..], self.choices.piece()].concat(),
                2 => [
                    &[0, version, 0, 1, b's', 0, 1, b'm'][..],
                    self.choices.piece(),
                ]
                .concat(),
                _ => [0, version, 0, 1, b'x'].to_vec(),
            };
            let is_tombstone = self.choices.byte() % 8 == 7;
            let value = self.choices.piece();
            let value = (!is_tombstone).then_some(value);
            builder.append(
                delta,
                self.world.now.wall,
                &NewRecord::new(Some(&key), value),
            );
        }
        builder
            .build(Codec::None)
            .expect("records that are not compressed")
    }

    /// The coordinators forget all, and read what is written.
    fn load(&mut self) {
        let all = [
            (StateTopic::Groups, "g"),
            (StateTopic::Transactions, "x"),
            (StateTopic::Shares, "s"),
        ];
        for (topic, key) in all {
            for act in [CoordinatorCommand::Load(None), CoordinatorCommand::Loaded] {
                let key = key.to_owned();
                let _ = self.world.command(Command::Coordinator { topic, key, act });
            }
        }
        for restart in [
            Command::StopNode { node: NodeId(0) },
            Command::StartNode { node: NodeId(0) },
        ] {
            let _ = self.world.command(restart);
        }
        self.world.close_all_to(NodeId(0));
    }

    fn ask(&mut self) {
        let api = self.choices.pick(ABOUT_GROUPS);
        let Some(message) = guard::request(api.key()) else {
            return;
        };
        let version = message.versions.last;
        let client = self.client();
        let mut words = Words {
            choices: self.choices,
            heard: &self.world.heard,
        };
        let body = Bytes::from(chosen::body(message, version, &mut words));
        self.world.ask(client, (api.key(), version), ("c", body));
    }
}
