//! Records on their way to a client, which lie in the log all the while: what rules make of their bytes, and how long
//! that takes.

use std::io::ErrorKind;
use std::time::Duration;

use fauxka::fault::{ByteStage, Cut};
use fauxka::in_memory::InMemory;
use fauxka::{Api, Broker};
use tokio::time::Instant;

use crate::client::{Client, TOPIC};
use crate::recorded::Cluster;
use crate::{MILLI, SECOND, start};

/// More than a connection in memory takes at once.
const VALUE_BYTES: usize = 600_000;
const VALUES: [char; 4] = ['a', 'b', 'c', 'd'];

/// A place within the records of the second batch.
const WITHIN: usize = 1_000_000;

fn filled() -> Cluster {
    let cluster = start();
    for value in VALUES {
        let value = value.to_string().repeat(VALUE_BYTES);
        cluster.produce(TOPIC).value(value).send().unwrap();
    }
    cluster
}

/// What comes, how long it takes, and how the connection ends.
async fn under(
    cluster: &InMemory,
    mount: impl FnOnce(ByteStage<'_>),
) -> (Vec<u8>, Duration, Option<ErrorKind>) {
    let mut client = Client::connect(cluster, "").await;
    let broker: &Broker = cluster;
    mount(broker.on_any().bytes().to_client());
    let began = Instant::now();
    let (bytes, end) = client.fetch_bytes().await;
    broker.heal();
    (bytes, began.elapsed(), end)
}

/// What comes without a rule.
async fn plain(cluster: &InMemory) -> Vec<u8> {
    let (bytes, end) = Client::connect(cluster, "").await.fetch_bytes().await;
    assert_eq!(end, None);
    bytes
}

#[tokio::test(start_paused = true)]
async fn the_journal_says_how_many_bytes_a_fetch_got() {
    let cluster = filled();
    let fetched = || {
        let row = cluster.journal().api(Api::Fetch).last().unwrap();
        row.exchange().unwrap().fetched_bytes
    };
    let answer = plain(&cluster).await;
    let bytes = fetched().unwrap();
    assert!(bytes > VALUES.len() * VALUE_BYTES && bytes < answer.len());
    cluster.topic(TOPIC).recreate().unwrap();
    plain(&cluster).await;
    assert_eq!(fetched(), Some(0));
}

#[tokio::test(start_paused = true)]
async fn records_arrive_whole_through_rules_that_take_time() {
    let cluster = filled();
    let expected = plain(&cluster).await;
    assert!(expected.len() > VALUES.len() * VALUE_BYTES);
    assert_eq!(expected[WITHIN], b'b');
    let (bytes, took, end) = under(&cluster, |rule| {
        rule.latency(30 * MILLI).mount();
    })
    .await;
    assert!(bytes == expected);
    assert_eq!((took, end), (30 * MILLI, None));
    // Pieces go by the answer as a whole, wherever its parts lie.
    let (bytes, took, end) = under(&cluster, |rule| {
        rule.slice(70_001, MILLI).mount();
    })
    .await;
    assert!(bytes == expected);
    let pieces = u32::try_from(expected.len().div_ceil(70_001)).unwrap();
    assert_eq!((took, end), ((pieces - 1) * MILLI, None));
    let (bytes, took, end) = under(&cluster, |rule| {
        rule.bandwidth(1_000_000).mount();
    })
    .await;
    assert!(bytes == expected);
    assert!((2 * SECOND..3 * SECOND).contains(&took), "{took:?}");
    assert_eq!(end, None);
}

#[tokio::test(start_paused = true)]
async fn a_byte_that_is_turned_on_its_way_stays_as_it_is_in_the_log() {
    let cluster = filled();
    let expected = plain(&cluster).await;
    // In the message, in a batch's header, and in records.
    for at in [9, 100, WITHIN] {
        let (bytes, _, end) = under(&cluster, |rule| {
            rule.corrupt(u64::try_from(at).unwrap()).mount();
        })
        .await;
        assert_eq!(end, None);
        let turned: Vec<_> = (0..expected.len())
            .filter(|at| bytes[*at] != expected[*at])
            .collect();
        assert_eq!(turned, [at]);
        assert_eq!(bytes[at], !expected[at]);
        assert!(
            plain(&cluster).await == expected,
            "the log has it as it was"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn a_connection_is_cut_within_records() {
    for (how, kind) in [
        (Cut::Close, ErrorKind::UnexpectedEof),
        (Cut::Reset, ErrorKind::ConnectionReset),
    ] {
        let cluster = filled();
        let expected = plain(&cluster).await;
        let (bytes, _, end) = under(&cluster, |rule| {
            rule.cut(u64::try_from(WITHIN).unwrap(), how).mount();
        })
        .await;
        assert_eq!(end, Some(kind));
        assert!(bytes.len() <= WITHIN);
        assert!(bytes == expected[..bytes.len()]);
        if how == Cut::Close {
            assert_eq!(bytes.len(), WITHIN);
        }
        assert!(plain(&cluster).await == expected);
    }
}
