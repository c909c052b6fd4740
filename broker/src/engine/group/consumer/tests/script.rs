//! The script's language.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use bytes::{BufMut as _, Bytes, BytesMut};

use crate::engine::group::Group;
use crate::engine::testing::Bench;
use crate::wire::apis::{Request, Response};
use crate::wire::consumer_protocol::Assignment;
use crate::wire::messages::consumer_group_heartbeat_request::TopicPartitions;
use crate::wire::messages::join_group_request::JoinGroupRequestProtocol;
use crate::wire::messages::leave_group_request::MemberIdentity;
use crate::wire::messages::{
    ConsumerGroupHeartbeatRequest, GroupId, HeartbeatRequest, JoinGroupRequest, LeaveGroupRequest,
    StrBytes, SyncGroupRequest, TopicName, str_bytes,
};

const GROUP: &str = "g";

pub(super) struct Script {
    bench: Bench,
    /// What each member last heard its epoch to be.
    epochs: BTreeMap<String, i32>,
    /// The ids that classic members were given, by their short names.
    ids: BTreeMap<String, StrBytes>,
}

impl Script {
    pub(super) fn new(settings: &[(&str, &str)]) -> Self {
        let mut bench = Bench::new(settings);
        bench.find_coordinator(GROUP);
        Self {
            bench,
            epochs: BTreeMap::new(),
            ids: BTreeMap::new(),
        }
    }

    pub(super) fn play(&mut self, action: &str) -> String {
        let words: Vec<&str> = action.split_whitespace().collect();
        match words.as_slice() {
            ["topic", name, partitions] => {
                self.bench.topic(name, partitions.parse().unwrap());
                String::new()
            }
            ["wait", millis] => {
                self.bench
                    .advance(Duration::from_millis(millis.parse().unwrap()));
                String::new()
            }
            ["group"] => self.group(),
            ["timers", member] => self.timers(member),
            ["classic", member, "joins", topics] => self.classic_join(member, topics),
            ["classic", member, "syncs"] => self.classic_sync(member, None),
            ["classic", member, "syncs", given] => self.classic_sync(member, Some(given)),
            ["classic", member, "beats"] => self.classic_beat(member),
            ["classic", member, "leaves"] => self.classic_leave(member),
            [member, rest @ ..] => self.beat(member, rest),
            [] => unreachable!(),
        }
    }

    /// "a joins t,u", "a joins ~expression", "a as i joins t", "a owns 0,1", "a with range joins t",
    /// "a beats", "a at 3 beats", "a leaves", "a rests".
    fn beat(&mut self, member: &str, mut words: &[&str]) -> String {
        let mut epoch = self.epochs.get(member).copied().unwrap_or_default();
        let mut request = ConsumerGroupHeartbeatRequest::default()
            .with_group_id(GroupId(str_bytes(GROUP)))
            .with_member_id(str_bytes(member))
            .with_rebalance_timeout_ms(-1)
            .with_subscribed_topic_names(None)
            .with_topic_partitions(None);
        loop {
            match words {
                ["as", instance, rest @ ..] => {
                    request.instance_id = Some(str_bytes(*instance));
                    words = rest;
                }
                ["with", assignor, rest @ ..] => {
                    request.server_assignor = Some(str_bytes(*assignor));
                    words = rest;
                }
                ["at", at, rest @ ..] => {
                    epoch = at.parse().unwrap();
                    words = rest;
                }
                ["joins", topics] => {
                    epoch = 0;
                    request = subscribed(request, topics).with_topic_partitions(Some(Vec::new()));
                    request.rebalance_timeout_ms = 5000;
                    break;
                }
                ["takes", topics] => {
                    request = subscribed(request, topics);
                    break;
                }
                ["owns", partitions] => {
                    request.topic_partitions = Some(self.partitions(partitions));
                    break;
                }
                ["beats"] => break,
                ["leaves"] => {
                    epoch = -1;
                    break;
                }
                ["rests"] => {
                    epoch = -2;
                    break;
                }
                other => panic!("{other:?}"),
            }
        }
        let request = request.with_member_epoch(epoch);
        let Response::ConsumerGroupHeartbeat(told) = self.bench.ask(1, request) else {
            panic!("another response");
        };
        if told.error_code != 0 {
            return format!("error {}", told.error_code);
        }
        self.epochs.insert(member.to_owned(), told.member_epoch);
        match told.assignment {
            None => format!("{}", told.member_epoch),
            Some(assignment) => {
                let topics = assignment.topic_partitions.iter();
                let topics = topics.map(|topic| self.named(topic.topic_id, &topic.partitions));
                let mut topics: Vec<String> = topics.collect();
                topics.sort();
                format!("{} [{}]", told.member_epoch, topics.join(" "))
            }
        }
    }

    /// "t:0,1 u:2", without blanks: "t:0,1/u:2"; "-" for none.
    fn partitions(&self, given: &str) -> Vec<TopicPartitions> {
        let topics = given.split('/').filter(|topic| *topic != "-");
        topics
            .map(|topic| {
                let (name, indexes) = topic.split_once(':').unwrap();
                let id = self.bench.engine.state.cluster.topic(name).unwrap().id;
                let indexes = indexes.split(',').map(|index| index.parse().unwrap());
                TopicPartitions::default()
                    .with_topic_id(id)
                    .with_partitions(indexes.collect())
            })
            .collect()
    }

    fn named(&self, id: uuid::Uuid, partitions: &[i32]) -> String {
        let topic = self.bench.engine.state.cluster.topic_by_id(id);
        let name = topic.map_or("gone", |topic| topic.name.as_str());
        let sorted: BTreeSet<&i32> = partitions.iter().collect();
        let sorted: Vec<String> = sorted.iter().map(ToString::to_string).collect();
        format!("{name}:{}", sorted.join(","))
    }

    fn group(&self) -> String {
        match self.bench.engine.state.groups.get(GROUP) {
            None => "none".to_owned(),
            Some(Group::Classic(group)) => format!("classic {}", group.state().name()),
            Some(Group::Share(group)) => format!("share {}", group.state_name()),
            Some(Group::Streams(group)) => format!("streams {}", group.state().name()),
            Some(Group::Consumer(group)) => format!(
                "consumer {} {}/{}",
                group.state().name(),
                group.epoch,
                group.target_epoch
            ),
        }
    }

    /// What is still to happen to a member.
    fn timers(&self, member: &str) -> String {
        let about = format!("member {member:?}");
        let deadlines = self.bench.engine.deadlines();
        let count = deadlines
            .filter(|deadline| deadline.what.contains(&about))
            .count();
        count.to_string()
    }

    fn id_of(&self, member: &str) -> StrBytes {
        self.ids.get(member).cloned().unwrap_or_default()
    }

    /// The generation, or what the group says instead; "waits" if there is no answer yet.
    fn classic_join(&mut self, member: &str, topics: &str) -> String {
        let protocol = JoinGroupRequestProtocol::default()
            .with_name(str_bytes("range"))
            .with_metadata(if topics == "garbage" {
                Bytes::from_static(b"\0\0garbage")
            } else {
                subscription(&topics.split(',').collect::<Vec<_>>())
            });
        let request = JoinGroupRequest::default()
            .with_group_id(GroupId(str_bytes(GROUP)))
            .with_member_id(self.id_of(member))
            .with_session_timeout_ms(10_000)
            .with_rebalance_timeout_ms(5000)
            .with_protocol_type(str_bytes("consumer"))
            .with_protocols(vec![protocol]);
        match self.any(3, request) {
            Some(Response::JoinGroup(told)) if told.error_code == 0 => {
                self.ids.insert(member.to_owned(), told.member_id);
                self.epochs.insert(member.to_owned(), told.generation_id);
                told.generation_id.to_string()
            }
            Some(Response::JoinGroup(told)) => format!("error {}", told.error_code),
            _ => self.gathered(member),
        }
    }

    /// Lets the rebalance of a classic group end, and looks up what it told the member.
    fn gathered(&mut self, member: &str) -> String {
        self.bench.advance(Duration::ZERO);
        let Some(Group::Classic(group)) = self.bench.engine.state.groups.get(GROUP) else {
            return "waits".to_owned();
        };
        let known = |id: &str| self.ids.values().any(|known| **known == *id);
        let Some(new) = group.members().find(|member| !known(&member.id)) else {
            return "waits".to_owned();
        };
        let (id, generation) = (str_bytes(&*new.id), group.generation());
        self.ids.insert(member.to_owned(), id);
        self.epochs.insert(member.to_owned(), generation);
        generation.to_string()
    }

    fn classic_sync(&mut self, member: &str, given: Option<&str>) -> String {
        use crate::wire::messages::sync_group_request::SyncGroupRequestAssignment;
        let given = given.map(|given| {
            let (topic, count) = given.split_once(':').unwrap();
            SyncGroupRequestAssignment::default()
                .with_member_id(self.id_of(member))
                .with_assignment(assignment(topic, count.parse().unwrap()))
        });
        let request = SyncGroupRequest::default()
            .with_group_id(GroupId(str_bytes(GROUP)))
            .with_member_id(self.id_of(member))
            .with_generation_id(self.epochs.get(member).copied().unwrap_or_default())
            .with_assignments(given.into_iter().collect());
        match self.any(3, request) {
            Some(Response::SyncGroup(told)) if told.error_code == 0 => {
                let read = Assignment::read(&told.assignment).unwrap();
                let topics = read.partitions.iter().map(|(topic, indexes)| {
                    let indexes: Vec<String> = indexes.iter().map(ToString::to_string).collect();
                    format!("{topic}:{}", indexes.join(","))
                });
                format!("[{}]", topics.collect::<Vec<_>>().join(" "))
            }
            Some(Response::SyncGroup(told)) => format!("error {}", told.error_code),
            _ => "waits".to_owned(),
        }
    }

    fn classic_beat(&mut self, member: &str) -> String {
        let request = HeartbeatRequest::default()
            .with_group_id(GroupId(str_bytes(GROUP)))
            .with_member_id(self.id_of(member))
            .with_generation_id(self.epochs.get(member).copied().unwrap_or_default());
        match self.any(3, request) {
            Some(Response::Heartbeat(told)) => format!("error {}", told.error_code),
            _ => panic!("no answer"),
        }
    }

    fn classic_leave(&mut self, member: &str) -> String {
        let one = MemberIdentity::default().with_member_id(self.id_of(member));
        let request = LeaveGroupRequest::default()
            .with_group_id(GroupId(str_bytes(GROUP)))
            .with_members(vec![one]);
        match self.any(3, request) {
            Some(Response::LeaveGroup(told)) => {
                let code = told
                    .members
                    .first()
                    .map_or(told.error_code, |one| one.error_code);
                format!("error {code}")
            }
            _ => panic!("no answer"),
        }
    }

    fn any(&mut self, version: i16, request: impl Into<Request>) -> Option<Response> {
        use crate::engine::context::Effect;
        match self.bench.send(version, request).0.pop() {
            Some(Effect::Reply { response, .. }) => Some(response),
            _ => None,
        }
    }
}

fn subscribed(
    request: ConsumerGroupHeartbeatRequest,
    topics: &str,
) -> ConsumerGroupHeartbeatRequest {
    match topics.strip_prefix('~') {
        Some(expression) => request.with_subscribed_topic_regex(Some(str_bytes(expression))),
        None => {
            let names = topics.split(',').map(|name| TopicName(str_bytes(name)));
            request.with_subscribed_topic_names(Some(names.collect()))
        }
    }
}

/// A subscription of version 0.
fn subscription(topics: &[&str]) -> Bytes {
    let mut bytes = BytesMut::new();
    bytes.put_i16(0);
    bytes.put_i32(i32::try_from(topics.len()).unwrap());
    for topic in topics {
        bytes.put_i16(i16::try_from(topic.len()).unwrap());
        bytes.put_slice(topic.as_bytes());
    }
    bytes.put_i32(-1);
    bytes.freeze()
}

/// All of a topic's partitions, in version 0.
fn assignment(topic: &str, count: i32) -> Bytes {
    let mut bytes = BytesMut::new();
    bytes.put_i16(0);
    bytes.put_i32(1);
    bytes.put_i16(i16::try_from(topic.len()).unwrap());
    bytes.put_slice(topic.as_bytes());
    bytes.put_i32(count);
    (0..count).for_each(|index| bytes.put_i32(index));
    bytes.put_i32(-1);
    bytes.freeze()
}
