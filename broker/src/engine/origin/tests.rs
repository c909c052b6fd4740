use super::*;
use crate::engine::testing::Bench;

fn said<T>(what: T) -> Located<T> {
    Located {
        what,
        place: Some("line 7".into()),
    }
}

fn topic(name: &str, partitions: usize) -> Located<NewTopic> {
    said(NewTopic {
        name: name.to_owned(),
        partitions,
        replication: None,
        overrides: Overrides::new(),
    })
}

fn record(topic: &str, partition: Option<i32>, key: Option<&str>) -> Located<NewRecord> {
    said(NewRecord {
        topic: topic.to_owned(),
        partition,
        record: RecordToWrite {
            key: key.map(|key| key.as_bytes().to_vec()),
            ..RecordToWrite::default()
        },
    })
}

fn commit(topic: &str, partition: i32) -> Located<NewCommit> {
    said(NewCommit {
        group: "g".to_owned(),
        topic: topic.to_owned(),
        partition,
        offset: 5,
        metadata: "m".to_owned(),
    })
}

fn origin() -> Origin {
    Origin {
        topics: vec![topic("t", 3)],
        ..Origin::default()
    }
}

/// Why a cluster cannot have this from its start, or nothing if it can.
fn fault(origin: &Origin) -> String {
    let mut bench = Bench::new(&[]);
    let furnished = bench.engine.furnish(bench.now, origin);
    furnished.map_or_else(|why| why.to_string(), |()| String::new())
}

#[test]
fn records_lie_where_producers_put_them() {
    let mut bench = Bench::new(&[]);
    let mut origin = origin();
    origin.records = vec![
        record("t", None, None),
        record("t", Some(2), Some("a")),
        record("t", None, Some("a")),
        record("t", None, Some("")),
    ];
    bench.engine.furnish(bench.now, &origin).unwrap();
    // The hashes without their signs are 584,102,524 for "a" and 275,646,681 for "".
    let held = [0, 1, 2].map(|index| bench.batches("t", index).len());
    assert_eq!(held, [2, 1, 1]);
}

#[test]
fn groups_have_committed() {
    let mut bench = Bench::new(&[]);
    let mut origin = origin();
    origin.commits = vec![commit("t", 2)];
    bench.engine.furnish(bench.now, &origin).unwrap();
    let groups = bench.engine.state.group_views(bench.now);
    let shown: Vec<_> = groups
        .iter()
        .map(|group| (group.id.as_str(), group.offsets.len()))
        .collect();
    assert_eq!(shown, [("g", 1)]);
}

#[test]
fn what_cannot_be_says_why_and_where() {
    #[track_caller]
    fn check(change: impl FnOnce(&mut Origin), words: &str) {
        let mut origin = origin();
        change(&mut origin);
        let why = fault(&origin);
        assert!(why.contains(words) && why.starts_with("line 7: "), "{why}");
    }
    assert_eq!(fault(&origin()), "");
    check(|o| o.topics.push(topic("a/b", 1)), "a/b");
    check(|o| o.topics.push(topic("u", 0)), "at least one partition");
    check(
        |o| {
            let mut topic = topic("u", 1);
            let setting = ("retention.ms".to_owned(), "soon".to_owned());
            topic.what.overrides.extend([setting]);
            o.topics.push(topic);
        },
        "retention.ms",
    );
    check(|o| o.records.push(record("u", None, None)), "no topic u");
    check(|o| o.records.push(record("t", Some(3), None)), "t-3");
    check(|o| o.commits.push(commit("u", 0)), "no topic u");
    check(|o| o.commits.push(commit("t", 3)), "t-3");
    check(|o| o.commits.push(commit("t", -1)), "t--1");
    check(|o| o.faults.push(said(Rule::default())), "before_apply");
}
