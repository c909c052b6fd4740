//! Rules about streams groups: they fail one group, one member or one instance, and nothing else.

use serde_json::{Value as Json, json};

use super::steps::secs;
use super::{Came, World};
use crate::wire::api::Api;

const UNKNOWN_MEMBER_ID: i64 = 25;
const FENCED_MEMBER_EPOCH: i64 = 110;
const GROUP_ID_NOT_FOUND: i64 = 69;
const BEATS: (Api, i16) = (Api::StreamsGroupHeartbeat, 1);

/// Members of the streams groups `g` and `h`, which count the records of topic `a`.
struct Counting {
    world: World,
}

impl Counting {
    fn new() -> Self {
        let settings = [
            ("group.streams.initial.rebalance.delay.ms", "0"),
            ("group.streams.assignment.interval.ms", "0"),
        ];
        let mut world = World::with(&settings);
        world.bench.find_coordinator("g");
        Self { world }
    }

    fn ask(&mut self, (api, version): (Api, i16), body: &Json) -> Json {
        match self.world.send(1, api, version, body).pop() {
            Some(Came::Answer(1, answer)) => answer,
            other => panic!("{api:?}: {other:?}"),
        }
    }

    /// A heartbeat of a member in an epoch: the error and the member's epoch. The instance has the member's name in capitals.
    fn beat(&mut self, group: &str, member: &str, epoch: i64) -> (i64, i64) {
        let body = heartbeat(group, member, epoch);
        let answer = self.ask(BEATS, &body);
        let number = |field: &str| answer[field].as_i64().unwrap();
        (number("errorCode"), number("memberEpoch"))
    }

    /// The epoch that the group is in, and its members.
    fn group(&self, group: &str) -> (i32, Vec<String>) {
        let bench = &self.world.bench;
        let view = bench.engine.state.group_view(bench.now, group).unwrap();
        let members = view.members.into_iter().map(|member| member.member_id);
        (view.generation, members.collect())
    }
}

fn heartbeat(group: &str, member: &str, epoch: i64) -> Json {
    let mut body = json!({
        "groupId": group, "memberId": member, "memberEpoch": epoch, "instanceId": member.to_uppercase(),
    });
    if epoch == 0 {
        let topology = json!({
            "epoch": 0,
            "subtopologies": [{ "subtopologyId": "0", "sourceTopics": ["a"] }],
        });
        let joins = json!({
            "rebalanceTimeoutMs": 1000, "topology": topology, "processId": member,
            "activeTasks": [], "standbyTasks": [], "warmupTasks": [],
        });
        let fields = body.as_object_mut().unwrap();
        fields.extend(joins.as_object().unwrap().clone());
    }
    body
}

fn of_heartbeats(who: &Json, stage: &str, error: &str) -> Json {
    let mut rule = json!({ "api": "StreamsGroupHeartbeat", stage: { "error": error } });
    let fields = rule.as_object_mut().unwrap();
    fields.extend(who.as_object().unwrap().clone());
    rule
}

#[test]
fn one_member_of_one_group_fails_alone() {
    for who in [
        json!({ "group": "g", "member": "m" }),
        json!({ "group": "g", "member": "M" }),
    ] {
        let mut counting = Counting::new();
        for (group, member) in [("g", "m"), ("g", "n"), ("h", "m")] {
            assert_eq!(counting.beat(group, member, 0).0, 0);
        }
        let epochs = ["g", "h"].map(|group| counting.group(group));
        let rule = of_heartbeats(&who, "before_apply", "UNKNOWN_MEMBER_ID");
        let rule = counting.world.mount(rule);
        assert_eq!(counting.beat("g", "m", 2), (UNKNOWN_MEMBER_ID, 0), "{who}");
        assert_eq!(counting.beat("g", "n", 3), (0, 3), "{who}");
        assert_eq!(counting.beat("h", "m", 2), (0, 2), "{who}");
        // The group knows nothing of it, nor of a good-bye that was not carried out.
        assert_eq!(counting.beat("g", "m", -1).0, UNKNOWN_MEMBER_ID);
        assert_eq!(["g", "h"].map(|group| counting.group(group)), epochs);
        assert_eq!(counting.world.hits(rule), 2);
        counting.world.heal();
        assert_eq!(counting.beat("g", "m", 2).0, 0);
    }
}

#[test]
fn one_group_of_those_that_are_described_fails_alone() {
    let mut counting = Counting::new();
    for group in ["g", "h"] {
        counting.beat(group, "m", 0);
    }
    counting.world.mount(json!({
        "api": "StreamsGroupDescribe", "group": "g", "before_apply": { "error": "GROUP_ID_NOT_FOUND" },
    }));
    let body = json!({ "groupIds": ["g", "h"] });
    let answer = counting.ask((Api::StreamsGroupDescribe, 0), &body);
    let rows = answer["groups"].as_array().unwrap();
    let said = |row: &Json| {
        let members = row["members"].as_array().unwrap().len();
        (row["errorCode"].as_i64().unwrap(), members)
    };
    let said: Vec<_> = rows.iter().map(said).collect();
    assert_eq!(said, [(GROUP_ID_NOT_FOUND, 0), (0, 1)]);
}

#[test]
fn a_join_whose_answer_fails_is_carried_out() {
    let mut counting = Counting::new();
    let who = json!({ "member": "m", "nth": 1 });
    let rule = of_heartbeats(&who, "after_apply", "FENCED_MEMBER_EPOCH");
    counting.world.mount(rule);
    assert_eq!(counting.beat("g", "m", 0), (FENCED_MEMBER_EPOCH, 0));
    assert_eq!(counting.group("g"), (2, vec!["m".to_owned()]));
    assert_eq!(counting.beat("g", "m", 2), (0, 2));
}

#[test]
fn a_good_bye_is_carried_out_whose_answer_is_lost() {
    for (action, came) in [
        ("disconnect", vec![Came::Closed(1)]),
        ("swallow", Vec::new()),
    ] {
        let mut counting = Counting::new();
        assert_eq!(counting.beat("g", "m", 0).0, 0);
        let rule = json!({ "api": "StreamsGroupHeartbeat", "member": "m", "after_apply": action });
        counting.world.mount(rule);
        let mut leaves = heartbeat("g", "m", -1);
        leaves["instanceId"] = Json::Null;
        let (api, version) = BEATS;
        assert_eq!(
            counting.world.send(1, api, version, &leaves),
            came,
            "{action}"
        );
        assert_eq!(counting.group("g").1, Vec::<String>::new(), "{action}");
        counting.world.pass_time(secs(60), BEATS);
        assert_eq!(counting.group("g").1, Vec::<String>::new(), "{action}");
    }
}

#[test]
fn a_member_whose_heartbeats_are_lost_is_sent_away() {
    let mut counting = Counting::new();
    for member in ["m", "n"] {
        assert_eq!(counting.beat("g", member, 0).0, 0);
    }
    let rule = json!({ "api": "StreamsGroupHeartbeat", "member": "M", "before_apply": "swallow" });
    let rule = counting.world.mount(rule);
    let (api, version) = BEATS;
    for connection in [2, 3, 4] {
        let body = heartbeat("g", "m", 2);
        assert_eq!(counting.world.send(connection, api, version, &body), []);
        assert_eq!(counting.beat("g", "n", 3).0, 0);
        counting.world.pass_time(secs(20), BEATS);
    }
    assert_eq!(counting.world.hits(rule), 3);
    assert_eq!(counting.group("g").1, ["n"]);
}
