//! Clients without number, and whatever each leaves behind.

use std::thread;

use crate::broker::{Broker, Connection};
use crate::clients::{Honest, TOPIC};
use crate::requests;
use crate::sample;

/// What is left of the memory of hundreds of connections at once: dlmalloc, in the static program, looks only now and then which of
/// its pieces are empty.
const SLACK_KIB: u64 = 8 * 1024;

const ADDRESS_SPACE_KIB: u64 = 2 * 1024 * 1024;

/// How many of each: all of them if the program that is asked is an optimised one, and fewer of the debug build, which
/// takes ten times as long.
fn crowd() -> usize {
    if std::env::var_os("FAUXKA").is_some() {
        100_000
    } else {
        3_000
    }
}

fn broker() -> Broker {
    // Rows of the journal are kept on purpose, and are bounded.
    let options = ["--topic", "honest:1", "--journal-rows", "100"];
    Broker::start_with(ADDRESS_SPACE_KIB, &options)
}

fn names(count: usize) -> Vec<String> {
    (0..count)
        .map(|index| format!("one-of-many-{index}"))
        .collect()
}

/// Sends all of them over one connection, and gives the answers.
fn send_all(broker: &Broker, frames: impl Iterator<Item = Vec<u8>>) -> Vec<Vec<u8>> {
    broker.connect().pipeline(&frames.collect::<Vec<_>>())
}

#[test]
fn connections_that_come_and_go_leave_nothing() {
    let broker = broker();
    let mut honest = Honest::new(&broker);
    for _ in 0..10 {
        thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| (0..250).for_each(|_| drop(broker.connect())));
            }
        });
    }
    honest.check_left(&broker, "10,000 connections");
}

#[test]
fn groups_without_number_are_served_and_go_when_they_are_deleted() {
    let broker = broker();
    broker.connect().ask(&requests::find_coordinator("g", 0));
    let mut honest = Honest::new(&broker);
    let groups = names(crowd());
    for answer in send_all(
        &broker,
        groups.iter().map(|group| requests::commit(group, TOPIC)),
    ) {
        assert_eq!(answer.last_chunk(), Some(&[0, 0]));
    }
    honest.check_served("groups");
    for some in groups.chunks(1000) {
        broker.connect().ask(&requests::delete_groups(some));
    }
    eprintln!("groups: {} KiB", broker.anonymous_kib());
    honest.check_served("deleted groups");
}

#[test]
fn producers_without_number_are_served() {
    let broker = broker();
    broker.connect().ask(&requests::find_coordinator("t", 1));
    let mut honest = Honest::new(&broker);
    let ids = names(crowd());
    send_all(
        &broker,
        ids.iter().map(|id| requests::init_producer(Some(id))),
    );
    eprintln!("transactional ids: {} KiB", broker.anonymous_kib());
    honest.check_served("transactional ids");
    let frame = |id| requests::produce(TOPIC, 10, Some(1_000_000 + id));
    for answer in send_all(&broker, (0..u64::try_from(crowd()).unwrap()).map(frame)) {
        assert_eq!(requests::produced(&answer), 0);
    }
    eprintln!("producers: {} KiB", broker.anonymous_kib());
    honest.check_served("producers");
}

#[test]
fn fetch_sessions_without_number_evict_each_other() {
    let broker = broker();
    let mut honest = Honest::new(&broker);
    let begin = || requests::fetch(TOPIC, 1_000_000, 100, true);
    send_all(&broker, (0..crowd()).map(|_| begin()));
    honest.check_left(&broker, "fetch sessions");
}

#[test]
fn topics_without_number_go_when_they_are_deleted() {
    let broker = broker();
    let mut honest = Honest::new(&broker);
    let topics = names(crowd() / 10);
    send_all(
        &broker,
        topics
            .iter()
            .map(|topic| requests::create_topic(topic, 10, None)),
    );
    eprintln!("topics: {} KiB", broker.anonymous_kib());
    honest.check_served("topics");
    for some in topics.chunks(1000) {
        broker.connect().ask(&requests::delete_topics(some));
    }
    eprintln!("deleted topics: {} KiB", broker.anonymous_kib());
    honest.check_served("deleted topics");
}

#[test]
fn a_connection_may_be_reset_at_every_byte() {
    let broker = broker();
    let mut honest = Honest::new(&broker);
    let frame = requests::produce(TOPIC, 10, None);
    for sent in 0..=frame.len() {
        let mut connection = broker.connect();
        connection.send(&requests::api_versions());
        connection.wait_unread();
        connection.send(&frame[..sent]);
    }
    honest.check_left(&broker, "resets at every byte");
}

/// Sends until the broker reads no more, which it must some time.
#[track_caller]
fn overfill(connection: &mut Connection, frame: &[u8]) {
    const MOST: usize = 256 << 20;
    let many = frame.repeat((64 << 10) / frame.len() + 1);
    let (mut sent, mut idle, mut at) = (0, 0, 0);
    while idle < 50 {
        let pushed = connection.push(&many[at..]);
        at = (at + pushed) % many.len();
        sent += pushed;
        assert!(sent < MOST, "all of {sent} bytes were read");
        idle = if pushed == 0 { idle + 1 } else { 0 };
        if pushed == 0 {
            thread::yield_now();
            thread::park_timeout(std::time::Duration::from_millis(2));
        }
    }
}

#[test]
fn whoever_sends_and_never_reads_is_not_read_any_more() {
    let broker = broker();
    let big = requests::produce(TOPIC, 900_000, None);
    broker.connect().ask(&big);
    let mut honest = Honest::new(&broker);
    let mut greedy = Vec::new();
    for _ in 0..20 {
        let mut connection = broker.connect();
        overfill(&mut connection, &requests::api_versions());
        greedy.push(connection);
        let mut connection = broker.connect();
        overfill(&mut connection, &requests::fetch(TOPIC, 0, 1 << 20, false));
        greedy.push(connection);
    }
    honest.check_served("readers that never read");
    drop(greedy);
    honest.check_left_within(&broker, "readers that never read", SLACK_KIB);
}

#[test]
fn whoever_sends_slowly_holds_nobody_up() {
    let broker = broker();
    let mut honest = Honest::new(&broker);
    let frame = requests::produce(TOPIC, 200_000, None);
    let mut slow: Vec<_> = (0..400).map(|_| broker.connect()).collect();
    for part in [
        &frame[..2],
        &frame[2..5],
        &frame[5..9],
        &frame[9..2000],
        &frame[2000..],
    ] {
        for (index, connection) in slow.iter_mut().enumerate() {
            // Half of them never send the end.
            let part = if part.len() > 10_000 && index % 2 == 0 {
                &part[1..]
            } else {
                part
            };
            connection.send(part);
        }
        honest.check_served("slow senders");
    }
    for connection in slow.iter_mut().skip(1).step_by(2) {
        assert_eq!(requests::produced(&connection.answer().unwrap()), 0);
    }
    drop(slow);
    let topics = [TOPIC.to_owned()];
    broker.connect().ask(&requests::delete_topics(&topics));
    broker
        .connect()
        .ask(&requests::create_topic(TOPIC, 1, None));
    honest.check_left_within(&broker, "slow senders", SLACK_KIB);
}

#[test]
fn a_million_tagged_fields_take_memory_in_proportion() {
    const FIELDS: u32 = 1_000_000;
    let broker = broker();
    let mut honest = Honest::new(&broker);
    let mut fields = sample::varint(FIELDS);
    for tag in 0..FIELDS {
        fields.extend(sample::varint(tag + 100));
        fields.push(0);
    }
    // ApiVersions v3: name and version of the client, then the fields.
    let body = [&[2, b'a', 2, b'b'][..], &fields].concat();
    let frame = requests::frame(18, 3, &body);
    for _ in 0..5 {
        let mut connection = broker.connect();
        connection.send(&frame);
        // Answered or closed: either will do.
        drop(connection.answer());
    }
    honest.check_left(&broker, "a million tagged fields");
}
