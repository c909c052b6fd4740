//! Group requests of every kind with any content, in any order: nothing panics, no timer is left over, and
//! no group is wedged.

use std::time::Duration;

use bytes::Bytes;

use super::rules::{check_held, check_timers};
use super::{Member, Protocol, TOPIC};
use crate::engine::context::{ConnectionId, Effect};
use crate::engine::rng::Rng;
use crate::engine::testing::Bench;
use crate::wire::apis::{Request, Response};
use crate::wire::messages::consumer_group_heartbeat_request::TopicPartitions;
use crate::wire::messages::join_group_request::JoinGroupRequestProtocol;
use crate::wire::messages::leave_group_request::MemberIdentity;
use crate::wire::messages::sync_group_request::SyncGroupRequestAssignment;
use crate::wire::messages::{
    ConsumerGroupHeartbeatRequest, GroupId, HeartbeatRequest, JoinGroupRequest, LeaveGroupRequest,
    StrBytes, SyncGroupRequest, TopicName,
};

const REQUESTS: usize = 400;
/// Longer than the longest time-out that a request can name.
const FOREVER: Duration = Duration::from_secs(30 * 86_400);
/// More timers than this in one go, and time stands still.
const FIRINGS_MAX: usize = 20_000;

/// So that what recurs does not take the test's time.
const CHORES_ONCE_A_DAY: &[(&str, &str)] = &[
    ("log.retention.check.interval.ms", "86400000"),
    ("log.cleaner.backoff.ms", "86400000"),
    (
        "transaction.abort.timed.out.transaction.cleanup.interval.ms",
        "86400000",
    ),
    (
        "share.coordinator.cold.partition.snapshot.interval.ms",
        "86400000",
    ),
    (
        "share.coordinator.state.topic.prune.interval.ms",
        "86400000",
    ),
];

struct Chaos {
    bench: Bench,
    rng: Rng,
    /// Ids that were given out.
    ids: Vec<StrBytes>,
    connection: u64,
}

impl Chaos {
    fn pick<T: Clone>(&mut self, of: &[T]) -> T {
        of[self.rng.below(of.len())].clone()
    }

    fn text(&mut self, of: &[&'static str]) -> StrBytes {
        StrBytes::from_static_str(self.pick(of))
    }

    fn id(&mut self) -> StrBytes {
        if !self.ids.is_empty() && self.rng.below(4) > 0 {
            let place = self.rng.below(self.ids.len());
            return self.ids[place].clone();
        }
        self.text(&["", "x", "y"])
    }

    fn group(&mut self) -> GroupId {
        GroupId(self.text(&["g", "g", "h", ""]))
    }

    fn instance(&mut self) -> Option<StrBytes> {
        let instance = self.text(&["", "i", "j"]);
        (self.rng.below(3) == 0).then_some(instance)
    }

    fn epoch(&mut self) -> i32 {
        self.pick(&[-2, -1, 0, 1, 2, 3, 4, 5, i32::MAX, i32::MIN])
    }

    fn millis(&mut self) -> i32 {
        self.pick(&[-1, 0, 1, 6000, 6000, 10_000, 60_000, i32::MAX])
    }

    fn bytes(&mut self) -> Bytes {
        const GOOD: &[u8] = b"\0\0\0\0\0\x01\0\x06orders\xff\xff\xff\xff";
        let cut = self.rng.below(GOOD.len());
        let all: [&'static [u8]; 5] = [GOOD, GOOD, &GOOD[..cut], b"", b"\x7f\xff\xff\xff\xff\xff"];
        Bytes::from_static(self.pick(&all))
    }

    fn request(&mut self) -> (i16, Request) {
        match self.rng.below(7) {
            0 | 1 => self.join(),
            2 => {
                let row = SyncGroupRequestAssignment::default()
                    .with_member_id(self.id())
                    .with_assignment(self.bytes());
                let request = SyncGroupRequest::default()
                    .with_group_id(self.group())
                    .with_generation_id(self.epoch())
                    .with_member_id(self.id())
                    .with_group_instance_id(self.instance())
                    .with_assignments(vec![row; self.rng.below(3)]);
                (self.pick(&[0, 3, 5]), request.into())
            }
            3 => {
                let request = HeartbeatRequest::default()
                    .with_group_id(self.group())
                    .with_generation_id(self.epoch())
                    .with_member_id(self.id())
                    .with_group_instance_id(self.instance());
                (self.pick(&[0, 4]), request.into())
            }
            4 => {
                let row = MemberIdentity::default()
                    .with_member_id(self.id())
                    .with_group_instance_id(self.instance());
                let request = LeaveGroupRequest::default()
                    .with_group_id(self.group())
                    .with_member_id(self.id())
                    .with_members(vec![row; self.rng.below(3)]);
                (self.pick(&[0, 5]), request.into())
            }
            _ => self.consumer_heartbeat(),
        }
    }

    fn join(&mut self) -> (i16, Request) {
        let count = self.rng.below(3);
        let protocols = (0..count).map(|_| {
            JoinGroupRequestProtocol::default()
                .with_name(self.text(&["range", "sticky", ""]))
                .with_metadata(self.bytes())
        });
        let protocols = protocols.collect();
        let request = JoinGroupRequest::default()
            .with_group_id(self.group())
            .with_session_timeout_ms(self.millis())
            .with_rebalance_timeout_ms(self.millis())
            .with_member_id(self.id())
            .with_group_instance_id(self.instance())
            .with_protocol_type(self.text(&["consumer", "consumer", "connect", ""]))
            .with_protocols(protocols);
        (self.pick(&[0, 1, 3, 4, 9]), request.into())
    }

    fn consumer_heartbeat(&mut self) -> (i16, Request) {
        let topics = self.bench.engine.state.cluster.topics();
        let known = topics.map(|topic| topic.id).next().unwrap_or_default();
        let owned = TopicPartitions::default()
            .with_topic_id(self.pick(&[known, uuid::Uuid::nil()]))
            .with_partitions(vec![self.pick(&[0, 1, -1, 99])]);
        let owned = vec![owned; self.rng.below(2)];
        let names = vec![TopicName(self.text(&[TOPIC, "missing", ""]))];
        let pattern = self.text(&["or.*", "(", ""]);
        let request = ConsumerGroupHeartbeatRequest::default()
            .with_group_id(self.group())
            .with_member_id(self.id())
            .with_member_epoch(self.epoch())
            .with_instance_id(self.instance())
            .with_rebalance_timeout_ms(self.millis())
            .with_subscribed_topic_names((self.rng.below(3) > 0).then_some(names))
            .with_subscribed_topic_regex((self.rng.below(4) == 0).then_some(pattern))
            .with_topic_partitions((self.rng.below(3) > 0).then_some(owned));
        (1, request.into())
    }

    fn send(&mut self) {
        self.connection += 1;
        let connection = ConnectionId(self.connection);
        let (version, request) = self.request();
        let effects = self.bench.send_from(connection, "chaos", version, request);
        self.hear(effects.0);
        if self.rng.below(5) == 0 {
            self.bench
                .engine
                .closed(self.bench.now, connection, "the client left");
        }
    }

    #[expect(
        clippy::wildcard_enum_match_arm,
        reason = "other answers give no ids out"
    )]
    fn hear(&mut self, effects: Vec<Effect>) {
        for effect in effects {
            if let Effect::Reply { response, .. } = effect {
                match response {
                    Response::JoinGroup(joined) => self.ids.push(joined.member_id),
                    Response::ConsumerGroupHeartbeat(told) => self.ids.extend(told.member_id),
                    _ => {}
                }
            }
        }
        check_timers(&self.bench.engine);
        check_held(&self.bench.engine);
    }

    fn pass(&mut self, by: Duration) {
        let end = self.bench.now.plus(by);
        for _ in 0..FIRINGS_MAX {
            match self.bench.next_until(end) {
                Some(effects) if effects.is_empty() => {}
                Some(effects) => self.hear(effects),
                None => return,
            }
        }
        panic!("time stands still");
    }
}

#[track_caller]
fn check(seed: u64) {
    let mut bench = Bench::new(CHORES_ONCE_A_DAY);
    bench.topic(TOPIC, 3);
    bench.find_coordinator("g");
    let mut chaos = Chaos {
        bench,
        rng: Rng::new(seed),
        ids: Vec::new(),
        connection: 0,
    };
    for _ in 0..REQUESTS {
        chaos.send();
        let millis = u64::try_from(chaos.rng.below(800)).unwrap();
        chaos.pass(Duration::from_millis(millis));
    }
    for connection in 1..=chaos.connection {
        chaos
            .bench
            .engine
            .closed(chaos.bench.now, ConnectionId(connection), "the client left");
    }
    chaos.pass(FOREVER);
    for (id, group) in chaos.bench.engine.state.groups.iter() {
        assert!(group.is_empty(), "{id} still has members");
    }
    for protocol in [Protocol::Classic, Protocol::Consumer] {
        let mut member = Member::new("g", 0, protocol, false);
        let (version, request) = member.join(true);
        let connection = ConnectionId(u64::MAX - 1);
        chaos.bench.send_from(connection, "new", version, request);
        chaos.pass(Duration::from_secs(4));
        let group = chaos.bench.engine.state.groups.get("g");
        assert!(group.is_some(), "{protocol:?} is not served");
        chaos
            .bench
            .engine
            .closed(chaos.bench.now, connection, "the client left");
        chaos.pass(FOREVER);
    }
}

#[test]
fn whatever_is_sent_no_group_is_wedged() {
    for seed in 0..40 {
        if let Err(panic) = std::panic::catch_unwind(|| check(seed)) {
            eprintln!("seed {seed}");
            std::panic::resume_unwind(panic);
        }
    }
}
