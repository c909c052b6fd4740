//! Recordings that begin while the cluster runs.

use std::sync::atomic::{AtomicBool, Ordering};

use super::*;
use crate::recording::Status;

/// A cluster with a past, and a client that has logged in.
fn lived() -> (Broker, Client) {
    let builder = Broker::builder().nodes(2).topic("orders", 2, 2).seed(11);
    let builder = builder.clock(Clock::manual()).user("alice", "pa55word");
    let broker = builder.start_blocking().unwrap();
    let mut client = Client::new(&broker);
    client.ask(18, 0, &[]);
    client.log_in("alice", "pa55word");
    client.metadata();
    broker.produce("orders").value("before").send().unwrap();
    broker.create_topic("payments").create().unwrap();
    let rule = broker.on(crate::Api::Metadata).nth(2).after_apply();
    rule.error(crate::ErrorCode::LeaderNotAvailable).mount();
    let wait = Duration::from_secs(60);
    broker.clock().advance_blocking(wait).unwrap();
    (broker, client)
}

#[test]
fn a_cluster_with_a_past_is_recorded_and_runs_again() {
    let place = Place::new("midway");
    let (broker, mut client) = lived();
    broker.record(&place.0).start_blocking().unwrap();
    client.metadata();
    client.metadata();
    broker.produce("orders").value("after").send().unwrap();
    broker.add_user("bob", "other5ecret").unwrap();
    let mut bob = Client::new(&broker);
    bob.log_in("bob", "other5ecret");
    bob.metadata();
    broker.node(2).stop_blocking().unwrap();
    client.metadata();
    broker.reset_blocking().unwrap();
    bob.metadata();
    let stopped = broker.stop_recording().unwrap();
    client.metadata();
    assert!(!stopped.running && stopped.ended.is_none());
    assert_eq!(stopped.file, place.0);
    assert_eq!(stopped.bytes, fs::metadata(&place.0).unwrap().len());
    let rerun = Recording::load(&place.0).unwrap().rerun().unwrap();
    assert_eq!(rerun.difference(), None);
    assert!(rerun.is_whole());
    assert_eq!(rerun.inputs(), stopped.inputs);
    assert_eq!(rerun.answers(), 7);
    assert_eq!(rerun.elapsed(), Duration::from_secs(60));
    let text = unpacked(&place.0);
    for secret in ["pa55word", "other5ecret"] {
        assert!(!text.contains(secret), "{secret}");
    }
}

#[test]
fn a_recording_can_begin_with_a_reset() {
    let place = Place::new("anew");
    let (broker, _client) = lived();
    broker.record(&place.0).reset().start_blocking().unwrap();
    assert_eq!(broker.topics().len(), 1);
    broker.produce("orders").value("after").send().unwrap();
    broker.stop_recording().unwrap();
    let rerun = Recording::load(&place.0).unwrap().rerun().unwrap();
    assert_eq!((rerun.difference(), rerun.inputs()), (None, 1));
    assert_eq!(rerun.topics().len(), 1);
}

#[test]
fn recordings_follow_one_another() {
    let (broker, mut client) = lived();
    for number in 0..3 {
        let place = Place::new(&format!("follow-{number}"));
        broker.record(&place.0).start_blocking().unwrap();
        client.metadata();
        client.metadata();
        broker.stop_recording().unwrap();
        let rerun = Recording::load(&place.0).unwrap().rerun().unwrap();
        assert_eq!((rerun.difference(), rerun.answers()), (None, 2));
        client.metadata();
    }
}

/// Answers that are on their way while recordings begin and end are told apart, whatever the order of threads.
#[test]
fn recordings_begin_and_end_while_clients_ask() {
    let builder = Broker::builder().topic("orders", 1, 1).worker_threads(2);
    let broker = builder.start_blocking().unwrap();
    let places: Vec<_> = (0..12).map(|n| Place::new(&format!("busy-{n}"))).collect();
    let is_over = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let asking: Vec<_> = (0..3)
            .map(|_| {
                scope.spawn(|| {
                    let mut client = Client::new(&broker);
                    let mut asked = 0;
                    while !is_over.load(Ordering::Relaxed) {
                        client.metadata();
                        asked += 1;
                    }
                    asked
                })
            })
            .collect();
        for place in &places {
            broker.record(&place.0).start_blocking().unwrap();
            for _ in 0..20 {
                broker.produce("orders").value("v").send().unwrap();
            }
            broker.stop_recording().unwrap();
        }
        is_over.store(true, Ordering::Relaxed);
        for client in asking {
            assert!(client.join().unwrap() > 0);
        }
    });
    for place in &places {
        let rerun = Recording::load(&place.0).unwrap().rerun().unwrap();
        assert_eq!((rerun.difference(), rerun.is_whole()), (None, true));
        assert!(rerun.inputs() >= 20);
    }
}

#[test]
fn what_cannot_be_recorded_says_why() {
    let [place, other] = ["why", "why-other"].map(Place::new);
    let broker = Broker::builder().topic("orders", 1, 1);
    let broker = broker.start_blocking().unwrap();
    assert_eq!(broker.recording(), None);
    let refused = broker.stop_recording().unwrap_err().to_string();
    assert_eq!(
        refused,
        "nothing is being recorded: start a recording first"
    );
    broker.record(&place.0).start_blocking().unwrap();
    assert!(broker.recording().unwrap().running);
    let refused = broker
        .record(&other.0)
        .start_blocking()
        .unwrap_err()
        .to_string();
    assert!(
        refused.starts_with("the cluster is being recorded already, in "),
        "{refused}"
    );
    assert!(!other.0.exists());
    broker.stop_recording().unwrap();
    assert!(broker.stop_recording().is_err());
    let refused = broker
        .record(&place.0)
        .start_blocking()
        .unwrap_err()
        .to_string();
    assert!(refused.contains("is there already"), "{refused}");
    let nowhere = broker.record("/nowhere/at-all.run").start_blocking();
    let refused = nowhere.unwrap_err().to_string();
    assert!(
        refused.contains("cannot be written: No such file"),
        "{refused}"
    );
    broker.record(&place.0).force().start_blocking().unwrap();
    broker.stop_recording().unwrap();
    assert!(Recording::load(&place.0).unwrap().rerun().is_ok());
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_said_when_a_recording_starts() {
    let broker = Broker::builder().start_blocking().unwrap();
    let full = broker.record("/dev/full").force().start_blocking();
    let refused = full.unwrap_err().to_string();
    assert!(
        refused.contains("/dev/full cannot be written: No space left"),
        "{refused}"
    );
    assert_eq!(broker.recording(), None);
    broker.create_topic("goes-on").create().unwrap();
}

#[test]
fn another_recording_may_follow_one_that_is_full() {
    let [place, other] = ["full", "full-other"].map(Place::new);
    let broker = Broker::builder().topic("orders", 1, 1);
    let broker = broker.start_blocking().unwrap();
    broker.record(&place.0).bytes(1).start_blocking().unwrap();
    let mut client = Client::new(&broker);
    let ended = |broker: &Broker| {
        let ended = |status: Status| status.ended;
        broker.recording().and_then(ended)
    };
    while ended(&broker).is_none() {
        client.metadata();
    }
    assert_eq!(
        ended(&broker).unwrap(),
        "it has 1 bytes, as many as it may have"
    );
    broker.record(&other.0).start_blocking().unwrap();
    client.metadata();
    broker.stop_recording().unwrap();
    let rerun = Recording::load(&other.0).unwrap().rerun().unwrap();
    assert_eq!((rerun.difference(), rerun.answers()), (None, 1));
}
