//! A broker under a memory limit, and frames that announce what they do not hold.

#![cfg(target_os = "linux")]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::disallowed_methods,
    clippy::indexing_slicing,
    clippy::wildcard_enum_match_arm,
    reason = "helpers of a test, which times what a client waits for, and what it shares with the unit tests"
)]

#[path = "hostile/batches.rs"]
mod batches;
#[path = "hostile/broker.rs"]
mod broker;
#[path = "hostile/clients.rs"]
mod clients;
#[path = "hostile/crowds.rs"]
mod crowds;
#[path = "hostile/memory.rs"]
mod memory;
#[path = "hostile/requests.rs"]
mod requests;
#[path = "../src/wire/guard/sample.rs"]
#[expect(dead_code, reason = "shared with the unit tests, which use more of it")]
mod sample;
#[path = "../src/wire/guard/schema.rs"]
#[expect(dead_code, reason = "shared with the broker, which uses more of it")]
mod schema;
#[path = "../src/wire/guard/tables.rs"]
#[rustfmt::skip]
mod tables;
#[path = "hostile/words.rs"]
mod words;

use broker::{Broker, Connection, Frame};
use sample::{Fill, Of, Sample};
use schema::Message;

/// More than the broker needs, and less than any of the frames asks for.
const ADDRESS_SPACE_KIB: u64 = 512 * 1024;

/// What the broker advertises, with the schemas.
fn advertised(broker: &Broker) -> Vec<(&'static Message, i16)> {
    let mut versions = Vec::new();
    for (key, min, max) in broker.connect().api_versions() {
        let message = tables::REQUESTS.iter().find(|message| message.key == key);
        let message = message.unwrap_or_else(|| panic!("key {key} is advertised, but unguarded"));
        // Produce is advertised from version 0 for old clients' sake, and served from 3.
        let min = min.max(message.versions.first);
        assert!(max <= message.versions.last, "{} v{max}", message.name);
        versions.extend((min..=max).map(|version| (message, version)));
    }
    assert!(versions.len() > 100, "{} versions", versions.len());
    versions
}

/// The broker closes this connection without an answer, and no other.
fn check_refused(broker: &Broker, bystander: &mut Connection, frame: &[u8], what: &str) {
    let mut connection = broker.connect();
    connection.send(frame);
    let answer = connection.read_to_end();
    assert!(answer.is_empty(), "{what}: answered {answer:x?}");
    assert!(!bystander.api_versions().is_empty(), "{what}");
}

#[test]
fn no_length_is_believed() {
    let broker = Broker::start(ADDRESS_SPACE_KIB);
    let mut bystander = broker.connect();
    for (message, version) in advertised(&broker) {
        let sample = Sample::new(message, version, Fill::Full);
        for length in &sample.lengths {
            let largest: &[u32] = match length.of {
                Of::String => &[0x7FFF],
                Of::Array | Of::Bytes | Of::TaggedFields => &[10_000_000, 0x7FFF_FFFE],
            };
            for &announced in largest {
                let body = sample.with_length(length, announced);
                let what = format!("{} v{version} {} {announced}", message.name, length.path);
                let frame = Frame::new(message, version, &body);
                check_refused(&broker, &mut bystander, &frame.bytes, &what);
            }
        }
    }
}

#[test]
fn no_truncated_request_is_served() {
    let broker = Broker::start(ADDRESS_SPACE_KIB);
    let mut bystander = broker.connect();
    for (message, version) in advertised(&broker) {
        let body = Sample::new(message, version, Fill::Full).bytes;
        for kept in [0, 1, body.len() / 2, body.len().saturating_sub(1)] {
            let Some(body) = body.get(..kept).filter(|_| kept < body.len()) else {
                continue;
            };
            let what = format!("{} v{version} cut to {kept} bytes", message.name);
            let frame = Frame::new(message, version, body);
            check_refused(&broker, &mut bystander, &frame.bytes, &what);
        }
    }
}

#[test]
fn no_honest_frame_takes_memory_out_of_proportion() {
    let broker = Broker::start(ADDRESS_SPACE_KIB);
    let mut bystander = broker.connect();
    let metadata = tables::REQUESTS
        .iter()
        .find(|message| message.key == 3)
        .unwrap();
    // Forty million topics with empty names: 80 MB on the wire, 2.9 GB as structs.
    let count = 40_000_000_u32;
    let mut body = count.to_be_bytes().to_vec();
    body.resize(body.len() + 2 * 40_000_000, 0);
    let frame = Frame::new(metadata, 1, &body);
    check_refused(&broker, &mut bystander, &frame.bytes, "40 million topics");
}

#[test]
fn no_compressed_batch_takes_memory_out_of_proportion() {
    let broker = Broker::start_with(ADDRESS_SPACE_KIB, &["--topic", "t:1"]);
    let mut connection = broker.connect();
    for (what, codec, records, want) in batches::hostile() {
        let answer = connection.ask(&batches::produce("t", codec, &records));
        assert_eq!(batches::error(&answer), want, "{what}");
    }
    let resident = broker.resident_kib();
    assert!(resident < ADDRESS_SPACE_KIB / 2, "{resident} KiB are kept");
}

#[test]
fn announced_frames_are_not_allocated() {
    let broker = Broker::start(ADDRESS_SPACE_KIB);
    let before = broker.resident_kib();
    let mut waiting = Vec::new();
    for _ in 0..20 {
        let mut connection = broker.connect();
        let mut start = (100_i32 * 1024 * 1024).to_be_bytes().to_vec();
        start.extend([0, 0, 0, 9, 0, 0, 0, 1]);
        start.resize(256 * 1024, 0);
        connection.send(&start);
        waiting.push(connection);
        assert!(!broker.connect().api_versions().is_empty());
    }
    let grown = broker.resident_kib().saturating_sub(before);
    assert!(grown < 100 * 1024, "grew by {grown} KiB for 5 MiB received");
}

#[test]
fn frames_that_are_none_close_the_connection() {
    let broker = Broker::start(ADDRESS_SPACE_KIB);
    let mut bystander = broker.connect();
    let cases: [(&str, &[u8]); 8] = [
        ("negative size", b"\xff\xff\xff\xff"),
        ("size beyond the limit", b"\x7f\xff\xff\xff\0\x12\0\0"),
        ("a byte beyond the limit", b"\x06\x40\0\x01\0\x12\0\0"),
        ("empty frame", b"\0\0\0\0"),
        ("half a header", b"\0\0\0\x03\0\x12\0"),
        ("unknown API", b"\0\0\0\x0a\x7f\0\0\0\0\0\0\x01\xff\xff"),
        (
            "unknown version",
            b"\0\0\0\x0a\0\x03\x7f\0\0\0\0\x01\xff\xff",
        ),
        (
            "client id beyond the end",
            b"\0\0\0\x0a\0\x12\0\0\0\0\0\x01\x7f\xff",
        ),
    ];
    for (what, bytes) in cases {
        check_refused(&broker, &mut bystander, bytes, what);
    }
}

/// SaslHandshake v0 or v1 by PLAIN.
fn handshake(version: i16) -> Frame {
    let message = tables::REQUESTS.iter().find(|message| message.key == 17);
    Frame::new(message.unwrap(), version, b"\0\x05PLAIN")
}

/// Nobody logs in, so nothing is served.
const STRANGERS: &[&str] = &[
    "--sasl",
    "alice:secret",
    "--config",
    "connection.failed.authentication.delay.ms=0",
];

#[test]
fn no_request_of_a_stranger_is_served() {
    let broker = Broker::start_with(ADDRESS_SPACE_KIB, STRANGERS);
    for (message, version) in advertised(&broker) {
        let body = Sample::new(message, version, Fill::Full).bytes;
        let frame = Frame::new(message, version, &body);
        // ApiVersions and SaslHandshake are where a client begins.
        if !matches!(message.key, 17 | 18) {
            let what = format!("{} v{version} of a stranger", message.name);
            check_refused(&broker, &mut broker.connect(), &frame.bytes, &what);
        }
        for handshaken in 0..=1 {
            let mut connection = broker.connect();
            connection.send(&handshake(handshaken).bytes);
            connection.send(&frame.bytes);
            connection.read_to_end();
        }
        assert!(!broker.connect().api_versions().is_empty());
    }
}

#[test]
fn tokens_that_are_none_close_the_connection() {
    let broker = Broker::start_with(ADDRESS_SPACE_KIB, STRANGERS);
    let before = broker.resident_kib();
    let long = [&[0, 7, 255, 0][..], &vec![0; 0x7_FF00]].concat();
    let tokens: [&[u8]; 7] = [
        b"\0\0\0\0",
        b"\0\0\0\x01\0",
        b"\0\x08\0\x01",
        b"\x7f\xff\xff\xff",
        b"\xff\xff\xff\xff",
        b"\0\0\0\x0c\0alice\0Secret",
        &long,
    ];
    for token in tokens {
        for mechanism in ["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"] {
            let message = tables::REQUESTS.iter().find(|message| message.key == 17);
            let length = u16::try_from(mechanism.len()).unwrap().to_be_bytes();
            let body = [&length, mechanism.as_bytes()].concat();
            let mut connection = broker.connect();
            connection.send(&Frame::new(message.unwrap(), 0, &body).bytes);
            connection.send(token);
            connection.read_to_end();
            assert!(!broker.connect().api_versions().is_empty());
        }
    }
    let grown = broker.resident_kib().saturating_sub(before);
    assert!(grown < 32 * 1024, "grew by {grown} KiB");
}

#[test]
fn frames_of_strangers_are_short() {
    let broker = Broker::start_with(ADDRESS_SPACE_KIB, STRANGERS);
    let metadata = tables::REQUESTS.iter().find(|message| message.key == 3);
    // As long as may be for those who have logged in.
    let frame = Frame::new(metadata.unwrap(), 1, &vec![0; 1024 * 1024]);
    let mut bystander = broker.connect();
    let mut connection = broker.connect();
    connection.send(&frame.bytes);
    assert!(connection.read_to_end().is_empty());
    assert!(!bystander.api_versions().is_empty());
}

/// Requests of share groups (KIP-932), streams groups (KIP-1071) and the share coordinator.
const OF_GROUPS: [std::ops::RangeInclusive<i16>; 2] = [76..=79, 83..=93];
/// How many of each, in each version.
const SEEDS: u64 = 150;

/// A broker with a topic, whose id is returned.
fn with_topic() -> (Broker, [u8; 16]) {
    let broker = Broker::start_with(ADDRESS_SPACE_KIB, &["--check-invariants"]);
    let create = tables::REQUESTS.iter().find(|message| message.key == 19);
    // CreateTopics v7: topic t with 2 partitions.
    let body = b"\x02\x02t\0\0\0\x02\0\x01\x01\x01\0\0\0\x75\x30\0\0";
    let answer = broker
        .connect()
        .ask(&Frame::new(create.unwrap(), 7, body).bytes);
    // Correlation id, tags, throttle time, one row, its name.
    let id = answer.get(12..28).unwrap();
    (broker, id.try_into().unwrap())
}

#[test]
fn requests_of_groups_may_say_anything() {
    let (broker, topic) = with_topic();
    let before = broker.resident_kib();
    let mut connection = broker.connect();
    for seed in 0..SEEDS {
        for (message, version) in advertised(&broker) {
            if !OF_GROUPS.iter().any(|keys| keys.contains(&message.key)) {
                continue;
            }
            let body = words::body(message, version, seed, topic);
            let frame = Frame::new(message, version, &body);
            connection.send(&frame.bytes);
            let what = format!("{} v{version} of seed {seed}", message.name);
            assert!(connection.answer().is_some(), "{what}: closed");
        }
    }
    let grown = broker.resident_kib().saturating_sub(before);
    assert!(grown < 128 * 1024, "grew by {grown} KiB");
}

/// Nineteen megabytes that say the same a million times.
#[test]
fn a_million_acknowledgements_take_memory_in_proportion() {
    const BATCHES: u32 = 1_000_000;
    let (broker, topic) = with_topic();
    for (key, version) in [(79, 1), (79, 2), (78, 1), (78, 2)] {
        let message = tables::REQUESTS.iter().find(|message| message.key == key);
        let mut body = b"\x02g\x02m\0\0\0\x01".to_vec();
        match (key, version) {
            // Wait, bytes, records, batch size; then how it acquires, and whether it renews.
            (78, 1) => body.extend([0; 20]),
            (78, _) => body.extend([0; 22]),
            (_, 1) => {}
            (..) => body.push(0),
        }
        body.push(2);
        body.extend(topic);
        body.extend([2, 0, 0, 0, 0]);
        body.extend(sample::varint(BATCHES + 1));
        // Offset 0 to offset 0, one type, no tags.
        let batch = [&[0; 16][..], &[2, 1, 0]].concat();
        body.extend(batch.repeat(usize::try_from(BATCHES).unwrap()));
        body.extend([0, 0]);
        if key == 78 {
            body.push(1);
        }
        body.push(0);
        let mut connection = broker.connect();
        connection.send(&Frame::new(message.unwrap(), version, &body).bytes);
        let answer = connection.answer().unwrap();
        // Correlation id, tags, throttle time.
        assert_eq!(answer.get(9..11), Some(&[0, 122][..]), "no such session");
    }
}
