//! Rules about share groups: they fail one share partition, one group or one member, and nothing else.

use serde_json::{Value as Json, json};

use super::steps::secs;
use super::{Came, World};
use crate::engine::commands::Command;
use crate::engine::share::SharePartitionKey;
use crate::wire::api::Api;
use crate::wire::error::ErrorCode;

const INVALID_RECORD_STATE: i64 = 121;
const INVALID_SHARE_SESSION_EPOCH: i64 = 123;
const NOT_LEADER_OR_FOLLOWER: i64 = 6;

/// Two members of a share group, of which the first has a session with both partitions of topic `a`.
struct Sharing {
    world: World,
    topic: String,
    /// What the first member's session sends next.
    epoch: i32,
}

impl Sharing {
    /// With a record in each partition, which nobody has.
    fn new() -> Self {
        let mut world = World::new();
        world.bench.find_coordinator("g");
        let topic = world.bench.engine.state.cluster.topic("a").unwrap().id;
        let mut sharing = Self {
            world,
            topic: SharePartitionKey::topic_text(topic),
            epoch: 0,
        };
        assert_eq!(sharing.beat("m"), 0);
        // The group begins where the logs end, and the first partition that has begun is enough for an answer.
        assert_eq!(sharing.fetch(&json!([])), ["0: 0 0"]);
        sharing.world.produce(1, &[0, 1]);
        sharing
    }

    fn ask(&mut self, api: Api, version: i16, body: &Json) -> Json {
        match self.world.send(1, api, version, body).pop() {
            Some(Came::Answer(1, answer)) => answer,
            other => panic!("{api:?}: {other:?}"),
        }
    }

    fn beat(&mut self, member: &str) -> i64 {
        let body = json!({
            "groupId": "g", "memberId": member, "memberEpoch": 0, "subscribedTopicNames": ["a"],
        });
        let answer = self.ask(Api::ShareGroupHeartbeat, 1, &body);
        answer["errorCode"].as_i64().unwrap()
    }

    /// The next ShareFetch, with what is said of records: a line for each row of the answer.
    fn fetch(&mut self, said: &Json) -> Vec<String> {
        let mut topics = said.clone();
        if self.epoch == 0 {
            let rows = [0, 1].map(|index| json!({ "partitionIndex": index }));
            topics = json!([{ "topicId": self.topic, "partitions": rows }]);
        }
        let body = json!({
            "groupId": "g", "memberId": "m", "shareSessionEpoch": self.epoch, "maxWaitMs": 10_000, "minBytes": 0,
            "maxBytes": 1_000_000, "maxRecords": 100, "batchSize": 100, "topics": topics,
        });
        let answer = self.ask(Api::ShareFetch, 2, &body);
        self.epoch += 1;
        let rows = |row: &Json| {
            let acquired = row["acquiredRecords"].as_array().unwrap().iter();
            let acquired = acquired.map(|run| {
                let run = ["firstOffset", "lastOffset", "deliveryCount"].map(|field| &run[field]);
                format!(" {}-{} x{}", run[0], run[1], run[2])
            });
            let acquired: String = acquired.collect();
            let [index, error, said] =
                ["partitionIndex", "errorCode", "acknowledgeErrorCode"].map(|field| &row[field]);
            format!("{index}: {error} {said}{acquired}")
        };
        let mut rows: Vec<_> = rows_of(&answer).map(rows).collect();
        rows.sort();
        rows
    }

    /// What is said of the records at an offset of both partitions.
    fn said(&self, offset: i64, kind: i8) -> Json {
        let rows = [0, 1].map(|index| {
            let batch =
                json!({ "firstOffset": offset, "lastOffset": offset, "acknowledgeTypes": [kind] });
            json!({ "partitionIndex": index, "acknowledgementBatches": [batch] })
        });
        json!([{ "topicId": self.topic, "partitions": rows }])
    }

    /// A ShareAcknowledge of a member, in an epoch of its session.
    fn acknowledgement(&self, member: &str, offset: i64) -> Json {
        json!({
            "groupId": "g", "memberId": member, "shareSessionEpoch": self.epoch, "topics": self.said(offset, 1),
        })
    }

    /// Accepts the records at an offset: the error of the answer, and that of each partition.
    fn accept(&mut self, offset: i64) -> (i64, Vec<i64>) {
        let body = self.acknowledgement("m", offset);
        let answer = self.ask(Api::ShareAcknowledge, 2, &body);
        self.epoch += 1;
        let code = |row: &Json| row["errorCode"].as_i64().unwrap();
        (code(&answer), rows_of(&answer).map(code).collect())
    }

    fn heal(&mut self) {
        drop(self.world.bench.tell(Command::Heal));
    }

    /// From where on nothing is done with, in each partition.
    fn starts(&self) -> Vec<i64> {
        let all = self.world.bench.engine.state.shares.partitions.values();
        all.map(|share| share.start).collect()
    }
}

fn rows_of(answer: &Json) -> impl Iterator<Item = &Json> {
    let topics = answer["responses"].as_array().unwrap().iter();
    topics.flat_map(|topic| topic["partitions"].as_array().unwrap())
}

fn of_one_partition(api: &str, stage: &str, error: &str) -> Json {
    json!({ "api": api, "topic": "a", "partition": 1, stage: { "error": error } })
}

#[test]
fn one_partition_of_a_share_session_fails_alone() {
    let mut sharing = Sharing::new();
    let rule = of_one_partition("ShareFetch", "before_apply", "NOT_LEADER_OR_FOLLOWER");
    sharing.world.mount(rule);
    // Neither request names the partition: the session does.
    let error = format!("1: {NOT_LEADER_OR_FOLLOWER} 0");
    assert_eq!(sharing.fetch(&json!([])), ["0: 0 0 0-0 x1", &error]);
    assert_eq!(sharing.fetch(&json!([])), [error]);
    sharing.heal();
    assert_eq!(sharing.fetch(&json!([])), ["1: 0 0 0-0 x1"]);
}

#[test]
fn records_whose_answer_fails_are_acquired() {
    let mut sharing = Sharing::new();
    let rule = of_one_partition("ShareFetch", "after_apply", "NOT_LEADER_OR_FOLLOWER");
    sharing.world.mount(rule);
    let error = format!("1: {NOT_LEADER_OR_FOLLOWER} 0");
    assert_eq!(sharing.fetch(&json!([])), ["0: 0 0 0-0 x1", &error]);
    sharing.heal();
    assert_eq!(sharing.accept(0), (0, vec![0, 0]));
    assert_eq!(sharing.starts(), [1, 1]);
}

#[test]
fn one_partitions_acknowledgements_fail_alone() {
    let mut sharing = Sharing::new();
    assert_eq!(sharing.fetch(&json!([])).len(), 2);
    let rule = of_one_partition("ShareAcknowledge", "before_apply", "INVALID_RECORD_STATE");
    sharing.world.mount(rule);
    assert_eq!(sharing.accept(0), (0, vec![0, INVALID_RECORD_STATE]));
    assert_eq!(sharing.starts(), [1, 0]);
    sharing.heal();
    // The session goes on, and the records are still the member's.
    assert_eq!(sharing.accept(0), (0, vec![0, 0]));
    assert_eq!(sharing.starts(), [1, 1]);
}

#[test]
fn acknowledgements_within_a_fetch_fail_and_records_come_all_the_same() {
    let mut sharing = Sharing::new();
    assert_eq!(sharing.fetch(&json!([])).len(), 2);
    sharing.world.produce(1, &[0, 1]);
    let rule = of_one_partition("ShareFetch", "before_apply", "INVALID_RECORD_STATE");
    sharing.world.mount(rule);
    let said = sharing.said(0, 1);
    let expected = [
        "0: 0 0 1-1 x1",
        &format!("1: 0 {INVALID_RECORD_STATE} 1-1 x1"),
    ];
    assert_eq!(sharing.fetch(&said), expected);
    assert_eq!(sharing.starts(), [1, 0]);
}

#[test]
fn rules_are_about_one_member() {
    let mut sharing = Sharing::new();
    assert_eq!(sharing.fetch(&json!([])).len(), 2);
    let error = json!({ "error": "INVALID_SHARE_SESSION_EPOCH" });
    let of_n = json!({ "api": "ShareAcknowledge", "member": "n", "before_apply": error });
    let rule = sharing.world.mount(of_n);
    assert_eq!(sharing.accept(0), (0, vec![0, 0]));
    let body = sharing.acknowledgement("n", 0);
    let answer = sharing.ask(Api::ShareAcknowledge, 2, &body);
    assert_eq!(answer["errorCode"], INVALID_SHARE_SESSION_EPOCH);
    assert_eq!(sharing.world.hits(rule), 1);
    let beats = json!({ "api": "ShareGroupHeartbeat", "group": "g", "member": "n",
        "before_apply": { "error": "UNKNOWN_MEMBER_ID" } });
    sharing.world.mount(beats);
    assert_eq!(sharing.beat("m"), 0);
    let unknown = i64::from(ErrorCode::UnknownMemberId.code());
    assert_eq!(sharing.beat("n"), unknown);
}

#[test]
fn an_acknowledgement_is_carried_out_whose_answer_is_lost() {
    for (action, came) in [
        ("disconnect", vec![Came::Closed(1)]),
        ("swallow", Vec::new()),
    ] {
        let mut sharing = Sharing::new();
        assert_eq!(sharing.fetch(&json!([])).len(), 2);
        let rule = json!({ "api": "ShareAcknowledge", "group": "g", "after_apply": action });
        sharing.world.mount(rule);
        let body = sharing.acknowledgement("m", 0);
        let api = Api::ShareAcknowledge;
        assert_eq!(sharing.world.send(1, api, 2, &body), came, "{action}");
        assert_eq!(sharing.starts(), [1, 1], "{action}");
        sharing.world.pass_time(secs(60), (api, 2));
        assert_eq!(sharing.starts(), [1, 1], "{action}");
    }
}
