//! What records take, and that it is free again once they are gone.

use crate::broker::Broker;
use crate::clients::Honest;
use crate::requests;

const ADDRESS_SPACE_KIB: u64 = 2 * 1024 * 1024;

fn broker() -> Broker {
    // Rows of the journal are kept on purpose, and are bounded.
    let options = ["--topic", "honest:1", "--topic", "t:1"];
    let options = [&options[..], &["--journal-rows", "100"]].concat();
    Broker::start_with(ADDRESS_SPACE_KIB, &options)
}

/// Fills topic t with values of a length, from several connections, and says by how many KiB the broker has grown.
fn fill(broker: &Broker, value: usize, count: usize) -> u64 {
    const CONNECTIONS: usize = 4;
    let before = broker.anonymous_kib();
    let frame = requests::produce("t", value, None);
    std::thread::scope(|scope| {
        for _ in 0..CONNECTIONS {
            scope.spawn(|| {
                let mut connection = broker.connect();
                for some in (0..count / CONNECTIONS).collect::<Vec<_>>().chunks(50) {
                    let frames = vec![frame.clone(); some.len()];
                    for answer in connection.pipeline(&frames) {
                        assert_eq!(requests::produced(&answer), 0);
                    }
                }
            });
        }
    });
    broker.anonymous_kib().saturating_sub(before)
}

/// Values, how many, and the most that one may take in memory.
const FILLS: [(usize, usize, u64); 3] = [
    (400, 10_000, 1_400),
    (20_000, 1_000, 25_000),
    (900_000, 80, 960_000),
];

#[test]
fn records_take_little_more_than_their_bytes_and_give_it_back() {
    let broker = broker();
    for (value, count, most) in FILLS {
        let mut honest = Honest::new(&broker);
        let grown = fill(&broker, value, count) * 1024;
        let each = grown / u64::try_from(count).unwrap();
        eprintln!("{count} batches of {value} bytes: {each} bytes each");
        assert!(each < most, "a batch of {value} bytes takes {each}");
        let answer = broker.connect().ask(&requests::delete_records("t"));
        assert_eq!(answer.last_chunk(), Some(&[0, 0]), "{answer:x?}");
        honest.check_left(
            &broker,
            &format!("{count} batches of {value} bytes, deleted"),
        );
    }
}

#[test]
fn retention_and_deletion_of_topics_give_memory_back() {
    let broker = broker();
    let mut honest = Honest::new(&broker);
    let mut connection = broker.connect();
    for (value, count, _) in FILLS {
        let answer = connection.ask(&requests::delete_topics(&["t".to_owned()]));
        assert_eq!(answer.last_chunk(), Some(&[0, 0]), "{answer:x?}");
        let answer = connection.ask(&requests::create_topic("t", 1, None));
        assert!(answer.len() > 10);
        fill(&broker, value, count);
    }
    let answer = connection.ask(&requests::delete_topics(&["t".to_owned()]));
    assert_eq!(answer.last_chunk(), Some(&[0, 0]), "{answer:x?}");
    honest.check_left(&broker, "a topic that was deleted");
}

#[test]
fn a_load_that_retention_bounds_goes_on_for_ever() {
    let options = [
        "--topic",
        "honest:1",
        "--journal-rows",
        "100",
        "--max-log-bytes",
        "64MiB",
        "--config",
        "log.segment.bytes=4194304",
    ];
    let options = [
        &options[..],
        &["--config", "log.retention.bytes=16777216", "--topic", "t:1"],
    ]
    .concat();
    let broker = Broker::start_with(ADDRESS_SPACE_KIB, &options);
    let mut honest = Honest::new(&broker);
    fill(&broker, 900_000, 60);
    fill(&broker, 900_000, 200);
    let grown = fill(&broker, 20_000, 4_000);
    assert!(grown < 100 << 10, "grew by {grown} KiB");
    let answer = broker.connect().ask(&requests::delete_records("t"));
    assert_eq!(answer.last_chunk(), Some(&[0, 0]), "{answer:x?}");
    honest.check_left(&broker, "a load beyond all room");
}
