//! An honest client beside hostile ones: what it waits for, and what memory is left, are as before them.

use std::time::{Duration, Instant};

use crate::broker::{Broker, Connection};
use crate::requests;

/// Round trips that are timed; the median counts, since a machine may do something else for a while.
const ROUND_TRIPS: usize = 15;
/// What any round trip may take on a machine that does much else.
const USUAL: Duration = Duration::from_millis(500);
/// How long memory may take to be back: connections are closed by tasks of their own.
const BACK_WITHIN: Duration = Duration::from_secs(10);
/// More than the broker may have grown by whatever its size: what a thread's allocator keeps.
const SLACK_KIB: u64 = 1024;

/// The topic of the honest client.
pub(crate) const TOPIC: &str = "honest";

/// An honest client's view of a broker, from before anybody else came.
pub(crate) struct Honest {
    connection: Connection,
    usual: Duration,
    resident_kib: u64,
    anonymous_kib: u64,
}

impl Honest {
    /// Looks at a broker that has the client's topic.
    pub(crate) fn new(broker: &Broker) -> Self {
        let mut connection = broker.connect();
        let usual = round_trip(&mut connection);
        Self {
            connection,
            usual,
            resident_kib: broker.resident_kib(),
            anonymous_kib: broker.anonymous_kib(),
        }
    }

    /// A round trip takes what it took.
    #[track_caller]
    pub(crate) fn check_served(&mut self, what: &str) {
        let takes = round_trip(&mut self.connection);
        let usual = self.usual;
        assert!(
            takes < USUAL.max(usual * 5),
            "{what}: {takes:?}, before {usual:?}"
        );
    }

    /// The same, and memory is within a tenth of what it was.
    #[track_caller]
    pub(crate) fn check_left(&mut self, broker: &Broker, what: &str) {
        self.check_left_within(broker, what, SLACK_KIB);
    }

    /// The same, with so much slack instead.
    #[track_caller]
    pub(crate) fn check_left_within(&mut self, broker: &Broker, what: &str, slack_kib: u64) {
        self.check_served(what);
        let most = self.anonymous_kib + self.resident_kib / 10 + slack_kib;
        let end = Instant::now() + BACK_WITHIN;
        let mut held = broker.anonymous_kib();
        while held > most && Instant::now() < end {
            // It adds nothing to what is held.
            self.connection.ask(&requests::fetch(TOPIC, 0, 1000, false));
            held = broker.anonymous_kib();
        }
        eprintln!(
            "{what}: {held} KiB, before {} of {}",
            self.anonymous_kib, self.resident_kib
        );
        assert!(held <= most, "{what}: {held} KiB are held, {most} may be");
    }
}

/// The median time of a record that is produced and read again.
fn round_trip(connection: &mut Connection) -> Duration {
    let mut times: Vec<_> = (0..ROUND_TRIPS)
        .map(|_| {
            let begun = Instant::now();
            let answer = connection.ask(&requests::produce(TOPIC, 100, None));
            assert_eq!(requests::produced(&answer), 0);
            let answer = connection.ask(&requests::fetch(TOPIC, 0, 1000, false));
            assert!(answer.len() > 100, "no record: {answer:x?}");
            begun.elapsed()
        })
        .collect();
    times.sort();
    times[ROUND_TRIPS / 2]
}
