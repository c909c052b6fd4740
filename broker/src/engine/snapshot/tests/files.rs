//! The bytes of a snapshot: whole, cut, damaged, made up.

use proptest::prelude::*;
use serde_json::{Value as Json, json};

use super::*;
use crate::engine::commands::Command;
use crate::engine::snapshot::BadSnapshot;
use crate::property::cases;

/// A snapshot that version 1 of the format was written as, to be read for ever.
const FIRST: &[u8] = include_bytes!("../../../../tests/snapshots/format-1.fauxka");

fn whole() -> Vec<u8> {
    let bench = used();
    bench.engine.state.snapshot(bench.now).to_bytes().unwrap()
}

/// The bytes with another description, and all lengths and the checksum right.
fn described(bytes: &[u8], edit: impl FnOnce(&mut Json)) -> Vec<u8> {
    let length = |at: usize| u64::from_be_bytes(bytes[at..at + 8].try_into().unwrap());
    let end = 28 + usize::try_from(length(12)).unwrap();
    let mut description: Json = serde_json::from_slice(&bytes[28..end]).unwrap();
    edit(&mut description);
    let records = &bytes[end..bytes.len() - 4];
    framed(&description.to_string().into_bytes(), records)
}

fn framed(description: &[u8], records: &[u8]) -> Vec<u8> {
    let length = |bytes: &[u8]| u64::try_from(bytes.len()).unwrap().to_be_bytes();
    let mut bytes = b"FAUXKA\x1a\n\0\0\0\x01".to_vec();
    bytes.extend(length(description));
    bytes.extend(length(records));
    bytes.extend(description);
    bytes.extend(records);
    let checksum = crc32c::crc32c(&bytes);
    bytes.extend(checksum.to_be_bytes());
    bytes
}

fn read(bytes: &[u8]) -> Result<Snapshot, BadSnapshot> {
    Snapshot::from_bytes(bytes.to_vec())
}

#[test]
fn a_snapshot_is_the_same_when_it_is_read() {
    let bytes = whole();
    assert_eq!(read(&bytes).unwrap().to_bytes().unwrap(), bytes);
    assert_eq!(described(&bytes, |_| {}).len(), bytes.len());
}

#[test]
fn the_first_version_of_the_format_is_read_for_ever() {
    if std::env::var_os("FAUXKA_WRITE_FORMAT").is_some() {
        let path = concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/tests/snapshots/format-1.fauxka"
        );
        std::fs::write(path, whole()).unwrap();
        return;
    }
    let snapshot = read(FIRST).expect("anyone who changes the format makes a new version of it");
    let mut bench = Bench::of_nodes(2, &[]);
    restore(&mut bench, &snapshot);
    let engine = &bench.engine;
    let topics = engine.state.topic_views().into_iter();
    let ends = topics.filter(|topic| !topic.internal).map(|topic| {
        let ends = topic.partitions.iter();
        let ends = ends.map(|p| (p.log_start_offset, p.last_stable_offset, p.log_end_offset));
        (topic.name, ends.collect::<Vec<_>>())
    });
    let expected = [
        ("c".to_owned(), vec![(0, 3, 3)]),
        ("t".to_owned(), vec![(1, 3, 3), (0, 2, 3)]),
    ];
    assert_eq!(ends.collect::<Vec<_>>(), expected);
    let groups = engine.state.group_views(bench.now);
    assert_eq!(groups[0].offsets[0].offset, 2);
    assert_eq!(groups[1].members[0].member_id, "m");
    assert_eq!(engine.state.transaction_views()[0].state, "Ongoing");
    assert_eq!(snapshot.to_bytes().unwrap(), FIRST, "and is written so");
}

#[track_caller]
fn check(bytes: &[u8], words: &str) {
    let why = read(bytes).unwrap_err().to_string();
    assert!(why.contains(words), "{why}");
}

#[test]
fn what_is_no_snapshot_is_refused_with_the_way_out() {
    let bytes = whole();
    check(b"", "not a snapshot");
    check(b"[[topics]]\nname = \"t\"", "not a snapshot");
    check(b"FAUXKA\r\n", "not a snapshot");
    check(&bytes[..20], "should have 28 bytes and has 20");
    check(&bytes[..bytes.len() - 1], "copy or take it again");
    check(&[&bytes[..], b"x"].concat(), "copy or take it again");
    let mut newer = bytes.clone();
    newer[11] = 2;
    check(&newer, "version 2 of the format, and fauxka");
    check(&newer[..12], "reads up to 1: load it with a newer release");
    newer[11] = 0;
    check(&newer, "not a snapshot");
    let mut damaged = bytes.clone();
    let last_record = bytes.len() - 6;
    damaged[last_record] ^= 1;
    check(&damaged, "checksum");
}

#[test]
fn what_cannot_be_is_refused_in_words() {
    let bytes = whole();
    let refused = |path: &str, value: Json, words: &str| {
        let changed = described(&bytes, |all| {
            let found = all.pointer_mut(path).unwrap_or_else(|| panic!("{path}"));
            assert_ne!(*found, value);
            *found = value;
        });
        check(&changed, words);
    };
    let t = "/topics/3/partitions/0";
    let described: Json = {
        let end = bytes.len() - 4;
        let length = u64::from_be_bytes(bytes[12..20].try_into().unwrap());
        let length = usize::try_from(length).unwrap();
        assert!(28 + length < end);
        serde_json::from_slice(&bytes[28..28 + length]).unwrap()
    };
    assert_eq!(described["topics"][3]["name"], "t");
    refused("/nodes", json!([]), "no node");
    refused("/nodes/0/id", json!(1), "cannot have the ids");
    refused("/nodes/1/id", json!(5000), "cannot have the ids");
    refused("/nodes/1/up", json!(false), "its leader does not run");
    refused("/nodes/1/up", json!(3), "invalid type");
    refused("/next_producer_id", json!(-1), "producer id");
    refused("/topics/3/name", json!("c"), "another's");
    refused("/topics/3/name", json!("a/b"), "a/b");
    refused("/topics/3/internal", json!(true), "internal");
    refused("/topics/3/partitions", json!([]), "no partition");
    refused("/topics/3/overrides", json!({"retention.ms": "x"}), "x");
    let quota = "/quotas/0/values/producer_byte_rate";
    refused(quota, json!(-1.0), "cannot have these quotas");
    let all = json!({ "log.retention.ms": "x" });
    refused("/settings/all_brokers", all, "log.retention.ms");
    refused(&format!("{t}/replicas"), json!([]), "replicas");
    refused(&format!("{t}/replicas"), json!([1, 1]), "replicas");
    refused(&format!("{t}/isr"), json!([7]), "in sync");
    refused(&format!("{t}/leader"), json!(7), "leader");
    refused(&format!("{t}/leader_epoch"), json!(-1), "later leader");
    refused(&format!("{t}/log/end"), json!(1), "does not follow");
    refused(&format!("{t}/log/start"), json!(100), "not in this order");
    refused(&format!("{t}/log/held_at"), json!(0), "not in this order");
    refused(
        &format!("{t}/log/cleaned_to"),
        json!(99),
        "not in this order",
    );
    refused(&format!("{t}/log/segments"), json!([]), "no segment");
    refused(&format!("{t}/log/epochs"), json!([[3, 0], [2, 1]]), "epoch");
    let segment = format!("{t}/log/segments/0/base_offset");
    refused(&segment, json!(2), "does not follow");
    refused(&segment, json!(-1), "segment -1");
    let producer = "/topics/3/partitions/1/log/producers/by_id/0/transaction_start";
    refused(producer, json!(1), "producer 0");
}

/// Tries what is left of a cluster.
fn live_on(snapshot: &Snapshot) {
    let mut bench = Bench::of_nodes(2, &[]);
    let snapshot = snapshot.clone();
    let restored = bench.command(Command::Restore { snapshot });
    if restored.is_err() {
        return;
    }
    let views = bench.engine.state.topic_views();
    for (topic, partition) in views
        .iter()
        .flat_map(|topic| topic.partitions.iter().map(|p| (&topic.name, p.partition)))
    {
        let found = bench.engine.state.cluster.topic(topic).unwrap();
        let found = found.partition(partition).unwrap();
        let batches: Vec<_> = found.log.batches().cloned().collect();
        drop(crate::engine::inspect::batches(&batches));
    }
    drop(bench.engine.state.group_views(bench.now));
    drop(bench.engine.state.transaction_views());
    bench.advance(std::time::Duration::from_secs(700));
    for node in [NodeId(0), NodeId(1)] {
        bench.turn_node(node, false);
        bench.turn_node(node, true);
    }
    let again = bench.engine.state.snapshot(bench.now);
    drop(read(&again.to_bytes().unwrap()));
}

/// Numbers and texts of a description, one after the other.
fn leaves<'a>(value: &'a mut Json, found: &mut Vec<&'a mut Json>) {
    match value {
        Json::Array(list) => list.iter_mut().for_each(|value| leaves(value, found)),
        Json::Object(map) => map.values_mut().for_each(|value| leaves(value, found)),
        leaf @ (Json::Null | Json::Bool(_) | Json::Number(_) | Json::String(_)) => found.push(leaf),
    }
}

fn leaf() -> impl Strategy<Value = Json> {
    let number = prop_oneof![
        any::<i64>(),
        -2..8_i64,
        Just(i64::MAX),
        Just(i64::from(i32::MAX))
    ];
    prop_oneof![
        number.prop_map(Json::from),
        any::<bool>().prop_map(Json::from),
        Just(Json::Null),
        "[a-z_.0-9-]{0,8}".prop_map(Json::from),
    ]
}

proptest! {
    #![proptest_config(cases(64))]

    #[test]
    fn damage_is_noticed(at in any::<prop::sample::Index>(), flip in 1..=255_u8) {
        let mut bytes = FIRST.to_vec();
        *at.get_mut(&mut bytes) ^= flip;
        prop_assert!(read(&bytes).is_err());
        let cut = at.index(FIRST.len());
        prop_assert!(read(&FIRST[..cut]).is_err());
    }

    #[test]
    fn made_up_descriptions_do_no_harm(
        changes in prop::collection::vec((any::<prop::sample::Index>(), leaf()), 1..4),
    ) {
        let bytes = described(FIRST, |all| {
            let mut found = Vec::new();
            leaves(all, &mut found);
            for (at, value) in changes {
                **at.get_mut(&mut found) = value;
            }
        });
        if let Ok(snapshot) = read(&bytes) {
            live_on(&snapshot);
        }
    }

    #[test]
    fn made_up_records_do_no_harm(
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..4),
    ) {
        let described = usize::from(FIRST[19]) + (usize::from(FIRST[18]) << 8) + (usize::from(FIRST[17]) << 16);
        let (description, records) = FIRST[28..FIRST.len() - 4].split_at(described);
        let mut records = records.to_vec();
        for (at, value) in changes {
            *at.get_mut(&mut records) = value;
        }
        if let Ok(snapshot) = read(&framed(description, &records)) {
            live_on(&snapshot);
        }
    }

    #[test]
    fn made_up_bytes_do_no_harm(
        description in prop::collection::vec(any::<u8>(), 0..200),
        records in prop::collection::vec(any::<u8>(), 0..200),
    ) {
        prop_assert!(read(&framed(&description, &records)).is_err());
    }
}
