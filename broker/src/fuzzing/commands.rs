//! What tests do to a cluster, by a fuzzer's choices.

use std::collections::BTreeMap;

use super::choices::Choices;
use super::world::World;
use crate::engine::ListenerId;
use crate::engine::commands::commits::OffsetToCommit;
use crate::engine::commands::heartbeats::Passing;
use crate::engine::commands::produce::{PlacedRecord, RecordToWrite};
use crate::engine::commands::{Command, CoordinatorCommand, PartitionCommand, TopicCommand};
use crate::engine::fault::FaultId;
use crate::engine::reset::Kind;
use crate::engine::snapshot::Snapshot;
use crate::engine::state_topic::StateTopic;
use crate::wire::units::{NodeId, Offset, ProducerId};

const TOPICS: &[&str] = &[
    "a",
    "b",
    "compacted",
    "new",
    "missing",
    "__consumer_offsets",
    "__transaction_state",
];
const GROUPS: &[&str] = &["g", "h", "s", "t", "c"];

/// Rules of all kinds, as files and HTTP have them.
pub(super) const RULES: &[&str] = &[
    r#"{"api":"Produce","before_apply":{"error":"NOT_LEADER_OR_FOLLOWER"},"topic":"a","partition":0}"#,
    r#"{"api":["Fetch","JoinGroup"],"before_apply":{"delay":"5s"},"every":2}"#,
    r#"{"before_apply":"hold","until_released":true,"nth":2}"#,
    r#"{"after_apply":"hold","until_released":true,"group":"g"}"#,
    r#"{"after_apply":["pass","disconnect","swallow"],"count":3}"#,
    r#"{"api":"Heartbeat","before_apply":"swallow","until_released":true}"#,
    r#"{"api":"ConsumerGroupHeartbeat","after_apply":{"error":"UNKNOWN_MEMBER_ID"},"count":1}"#,
    r#"{"after_apply":{"throttle":"3s"},"probability":0.5,"until_released":true}"#,
    r#"{"api":"Fetch","after_apply":{"throttle":"100ms"},"until_released":true}"#,
    r#"{"observe":true,"client_id":"c*"}"#,
    r#"{"api":"ShareFetch","before_apply":{"error":"UNKNOWN_SERVER_ERROR"},"topic":"a","until_released":true,"unchecked":true}"#,
    r#"{"bytes":{"latency":"10ms"},"until_released":true}"#,
    r#"{"api":"Metadata","before_apply":"disconnect","nth":1}"#,
    r#"{"api":"TxnOffsetCommit","after_apply":{"error":"COORDINATOR_NOT_AVAILABLE"},"topic":"a","count":2}"#,
];

/// Which node a command takes out of service.
#[expect(clippy::wildcard_enum_match_arm, reason = "no other does")]
pub(super) const fn stops(command: &Command) -> Option<NodeId> {
    match command {
        Command::StopNode { node } => Some(*node),
        _ => None,
    }
}

pub(super) const fn restore(snapshot: Snapshot) -> Command {
    Command::Restore { snapshot }
}

fn name(choices: &mut Choices<'_>, of: &[&str]) -> String {
    choices.pick(of).to_owned()
}

fn node(choices: &mut Choices<'_>, world: &World) -> NodeId {
    let nodes = world.nodes();
    let place = choices.below(nodes.len().saturating_add(1));
    nodes.get(place).copied().unwrap_or(NodeId(77))
}

/// A command; none if what was chosen is none.
pub(super) fn any(choices: &mut Choices<'_>, world: &World) -> Option<Command> {
    let command = match choices.byte() % 24 {
        0 | 1 => Command::StopNode {
            node: node(choices, world),
        },
        2 | 3 => Command::StartNode {
            node: node(choices, world),
        },
        4 => added(choices, world)?,
        5 => removed(choices, world)?,
        6 | 7 => Command::Partition {
            topic: name(choices, TOPICS),
            partition: i32::from(choices.byte() & 1),
            act: on_partition(choices, world),
        },
        8 | 9 => Command::Coordinator {
            topic: choices.pick(&[
                StateTopic::Groups,
                StateTopic::Transactions,
                StateTopic::Shares,
            ]),
            key: name(choices, &["g", "h", "x", "y", "s", "t"]),
            act: match choices.byte() % 4 {
                0 => CoordinatorCommand::Load(None),
                1 => CoordinatorCommand::Loaded,
                _ => CoordinatorCommand::Move(node(choices, world)),
            },
        },
        10 => Command::Reset {
            only: kinds(choices),
        },
        11 => mounted(choices)?,
        12 => Command::ReleaseRule {
            rule: rule(choices),
        },
        13 => Command::RemoveRule {
            rule: rule(choices),
        },
        _ => content(choices, world),
    };
    Some(command)
}

fn rule(choices: &mut Choices<'_>) -> FaultId {
    FaultId(u64::from(choices.byte() % 4))
}

fn mounted(choices: &mut Choices<'_>) -> Option<Command> {
    let rule = serde_json::from_str(choices.pick(RULES)).ok()?;
    Some(Command::MountRule {
        rule: Box::new(rule),
        place: None,
    })
}

/// One more node, if there are not too many.
fn added(choices: &mut Choices<'_>, world: &World) -> Option<Command> {
    let rack = choices.flag().then(|| "r".to_owned());
    (world.nodes().len() < 5).then(|| Command::AddNode {
        rack,
        places: vec![(ListenerId::default(), "localhost".to_owned(), 9092)],
    })
}

/// One node less, if it is not the last, and is out of service: the shell sees to both.
fn removed(choices: &mut Choices<'_>, world: &World) -> Option<Command> {
    let node = node(choices, world);
    let is_up = world.engine.state.cluster.is_up(node);
    (!is_up && world.nodes().len() > 1).then_some(Command::RemoveNode { node })
}

fn kinds(choices: &mut Choices<'_>) -> Option<Vec<Kind>> {
    let which = choices.byte();
    if which == 0 {
        return None;
    }
    let all = [
        Kind::Topics,
        Kind::Groups,
        Kind::Transactions,
        Kind::Configs,
        Kind::Faults,
        Kind::Journal,
    ];
    let chosen = (0..).zip(all).filter(|(place, _)| which >> place & 1 == 1);
    Some(chosen.map(|(_, kind)| kind).collect())
}

fn on_partition(choices: &mut Choices<'_>, world: &World) -> PartitionCommand {
    let offset = Offset(choices.number());
    let node = node(choices, world);
    match choices.byte() % 12 {
        0 => PartitionCommand::MoveLeader(node),
        1 => PartitionCommand::LeadUncleanly {
            node,
            end: choices.flag().then_some(offset),
        },
        2 => PartitionCommand::FallBehind(node),
        3 => PartitionCommand::CatchUp(node),
        4 => PartitionCommand::HoldHighWatermark,
        5 => PartitionCommand::ReleaseHighWatermark,
        6 => PartitionCommand::RaiseLogStart(offset),
        7 => PartitionCommand::HoldReassignment,
        8 => PartitionCommand::ReleaseReassignment,
        9 => PartitionCommand::Damage(offset),
        10 => PartitionCommand::ExpireProducer(None),
        _ => PartitionCommand::ExpireProducer(Some(ProducerId(offset.0))),
    }
}

/// What happens to topics, groups and transactions, and the little that is left.
fn content(choices: &mut Choices<'_>, world: &World) -> Command {
    match choices.byte() % 14 {
        0 => Command::RecreateTopic {
            topic: name(choices, TOPICS),
        },
        1 | 2 => Command::WriteRecords {
            topic: name(choices, TOPICS),
            records: vec![record(choices); choices.below(4)],
            transactional_id: choices.flag().then(|| name(choices, &["x", "y", ""])),
        },
        3 => Command::CommitOffsets {
            group: name(choices, GROUPS),
            offsets: vec![OffsetToCommit {
                topic: name(choices, TOPICS),
                partition: i32::from(choices.byte() & 1),
                offset: choices.number(),
                metadata: String::new(),
            }],
        },
        4 => Command::EvictMember {
            group: name(choices, GROUPS),
            member: world.heard.members.last().cloned().unwrap_or_default(),
        },
        5 => Command::RebalanceGroup {
            group: name(choices, GROUPS),
        },
        6 => Command::Heartbeats {
            passing: Passing {
                since: world.now.wall,
                ..Passing::default()
            },
        },
        7 => Command::FenceProducer {
            transactional_id: name(choices, &["x", "y"]),
        },
        8 => Command::HoldMarkers {
            hold: choices.flag(),
        },
        9 => Command::FreezeMetadata {
            answers: u64::from(choices.byte() & 3),
        },
        10 => Command::Heal,
        11 => Command::ClearJournal,
        _ => Command::Topic {
            topic: name(choices, TOPICS),
            act: on_topic(choices),
        },
    }
}

fn record(choices: &mut Choices<'_>) -> PlacedRecord {
    let key = choices.pick(&[None, Some("k"), Some("l")]);
    let value = choices.flag().then(|| choices.piece().to_vec());
    PlacedRecord {
        partition: choices.flag().then_some(0),
        record: RecordToWrite {
            key: key.map(|key| key.as_bytes().to_vec()),
            value,
            ..RecordToWrite::default()
        },
    }
}

fn on_topic(choices: &mut Choices<'_>) -> TopicCommand {
    const CONFIGS: &[(&str, &str)] = &[
        ("cleanup.policy", "compact"),
        ("cleanup.policy", "compact,delete"),
        ("retention.ms", "1000"),
        ("retention.bytes", "1"),
        ("compression.type", "gzip"),
        ("min.insync.replicas", "2"),
        ("message.timestamp.type", "LogAppendTime"),
        ("delete.retention.ms", "0"),
        ("max.message.bytes", "100"),
    ];
    let (key, value) = choices.pick(CONFIGS);
    let (key, value) = (key.to_owned(), value.to_owned());
    match choices.byte() % 4 {
        0 => TopicCommand::Create {
            partitions: Some(i32::from(choices.byte() % 4)),
            replication: choices.flag().then_some(1),
            configs: BTreeMap::from([(key, value)]),
        },
        1 | 2 => TopicCommand::Alter {
            partitions: choices.flag().then(|| i32::from(choices.byte() % 5)),
            configs: BTreeMap::from([(key, choices.flag().then_some(value))]),
        },
        _ => TopicCommand::Delete,
    }
}
