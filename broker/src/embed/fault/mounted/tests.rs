use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::panic::{AssertUnwindSafe, catch_unwind};

use super::*;
use crate::Broker;
use crate::wire::api::Api;

const PATIENCE: Duration = Duration::from_secs(30);

/// A client that says hello, and whether it is answered.
fn hello(broker: &Broker) -> bool {
    let mut stream = TcpStream::connect(broker.bootstrap()).unwrap();
    let request = [0, 0, 0, 10, 0, 18, 0, 0, 0, 0, 0, 7, 0xff, 0xff];
    stream.write_all(&request).unwrap();
    stream.read_exact(&mut [0; 14]).is_ok()
}

/// What a broker that is dropped panics with.
fn dropped(broker: Broker) -> Option<String> {
    let panic = catch_unwind(AssertUnwindSafe(|| drop(broker))).err()?;
    panic.downcast_ref::<String>().cloned()
}

#[test]
fn what_is_held_goes_on_when_released() {
    let broker = Broker::builder().start_blocking().unwrap();
    let held = broker.on(Api::ApiVersions).before_apply().hold().mount();
    let answered = std::thread::scope(|scope| {
        let client = scope.spawn(|| hello(&broker));
        held.wait_for_hits_blocking(1, PATIENCE).unwrap();
        assert!(!client.is_finished());
        held.release();
        client.join().unwrap()
    });
    assert!(answered);
    assert!(!held.is_active());
}

#[test]
fn a_version_to_come_meets_rules_and_has_a_row() {
    let broker = Broker::builder().start_blocking().unwrap();
    let rule = broker.on(Api::ApiVersions).nth(2).after_apply();
    let lost = rule.disconnect().mount();
    let says = || {
        let mut stream = TcpStream::connect(broker.bootstrap()).unwrap();
        let request = [0, 0, 0, 11, 0, 18, 0, 99, 0, 0, 0, 7, 0xff, 0xff, 0];
        stream.write_all(&request).unwrap();
        let mut answer = [0; 20];
        stream.read_exact(&mut answer).map(|()| answer[9]).ok()
    };
    assert_eq!((says(), says()), (Some(35), None));
    assert_eq!(lost.hits(), 1);
    let rows = broker.journal().api(Api::ApiVersions).rows();
    let said: Vec<_> = rows.iter().map(ToString::to_string).collect();
    for (row, words) in said
        .iter()
        .zip(["UNSUPPORTED_VERSION", "disconnects by rule 1"])
    {
        assert!(
            row.contains("ApiVersions v99 ") && row.contains(words),
            "{row}"
        );
    }
}

/// A client that has asked for a topic and closes its connection once `rule` has met the request.
fn ask_and_leave(broker: &Broker, rule: &MountedRule) {
    let mut request = vec![0, 19, 0, 2, 0, 0, 0, 7, 0xff, 0xff];
    request.extend([0, 0, 0, 1, 0, 1, b't', 0, 0, 0, 1, 0, 1]);
    request.extend([0; 8]);
    request.extend([0, 0, 0x27, 0x10, 0]);
    let size = u8::try_from(request.len()).unwrap();
    let mut stream = TcpStream::connect(broker.bootstrap()).unwrap();
    stream
        .write_all(&[&[0, 0, 0, size], request.as_slice()].concat())
        .unwrap();
    rule.wait_for_hits_blocking(1, PATIENCE).unwrap();
}

#[test]
fn a_request_that_is_kept_is_done_after_its_client_has_left() {
    let broker = Broker::builder().start_blocking().unwrap();
    let held = broker.on(Api::CreateTopics).before_apply().hold().mount();
    ask_and_leave(&broker, &held);
    while held.shared.departed.clients() == 0 {
        std::thread::yield_now();
    }
    assert_eq!(broker.topics().len(), 0);
    held.release();
    assert_eq!(broker.topics().len(), 1);
    let rows = broker.journal().api(Api::CreateTopics).rows();
    let said: Vec<_> = rows.iter().map(ToString::to_string).collect();
    assert!(said[0].contains("when its client sent no more"), "{said:?}");
}

#[test]
fn a_request_that_is_swallowed_leaves_with_its_client() {
    let broker = Broker::builder().start_blocking().unwrap();
    let lost = broker.on(Api::CreateTopics).before_apply().swallow();
    ask_and_leave(&broker, &lost.mount());
    let rows = broker.journal().api(Api::CreateTopics);
    let rows = rows.wait_for_blocking(1, PATIENCE).unwrap();
    let said = rows[0].to_string();
    assert!(said.contains("the connection was gone"), "{said}");
}

#[test]
fn a_throttled_connection_is_answered_and_then_waits() {
    const TIME: Duration = Duration::from_millis(300);
    let broker = Broker::builder().start_blocking().unwrap();
    let throttled = broker.on(Api::ApiVersions).nth(1).after_apply();
    throttled.throttle(TIME).mount();
    let mut stream = TcpStream::connect(broker.bootstrap()).unwrap();
    let request = [0, 0, 0, 10, 0, 18, 0, 1, 0, 0, 0, 7, 0xff, 0xff];
    stream.write_all(&[request, request].concat()).unwrap();
    // From version 1 on the answer to ApiVersions ends with the time.
    let mut throttle_time_ms = || {
        let mut size = [0; 4];
        stream.read_exact(&mut size).unwrap();
        let size = usize::try_from(u32::from_be_bytes(size)).unwrap();
        let mut answer = vec![0; size];
        stream.read_exact(&mut answer).unwrap();
        i32::from_be_bytes(answer[size - 4..].try_into().unwrap())
    };
    assert_eq!(throttle_time_ms(), 300);
    assert_eq!(throttle_time_ms(), 0);
    let rows = broker.journal().api(Api::ApiVersions).rows();
    let between = rows[1].elapsed_ms - rows[0].elapsed_ms;
    assert!(u128::from(between) >= TIME.as_millis(), "{between} ms");
}

#[test]
fn a_broken_expectation_names_its_line_and_the_seed() {
    let broker = Broker::builder().seed(42).start_blocking().unwrap();
    let rule = broker
        .on(Api::ApiVersions)
        .nth(2)
        .after_apply()
        .disconnect();
    let lost = rule.expect(1).mount();
    let line = line!() - 1;
    assert!(hello(&broker));
    let late = lost
        .satisfied_blocking(Duration::from_millis(1))
        .unwrap_err();
    assert!(late.to_string().contains("seed 42"), "{late}");
    broker.heal();
    let said = dropped(broker).unwrap();
    for words in [
        &format!("tests.rs:{line}:"),
        "acted 0 times on 1",
        "seed 42; the journal ends with:\n  #",
        "s ApiVersions v0 from  (1) to node 1\n",
    ] {
        assert!(said.contains(words), "{said}");
    }
}

#[test]
fn kept_expectations_and_other_panics_are_left_alone() {
    let broker = Broker::builder().start_blocking().unwrap();
    let rule = broker.on(Api::ApiVersions).after_apply().disconnect();
    let lost = rule.expect(1..).mount();
    assert!(!hello(&broker));
    lost.satisfied_blocking(PATIENCE).unwrap();
    assert_eq!((lost.hits(), lost.matches()), (1, 1));
    assert_eq!(dropped(broker), None);
    // A second panic would end the process.
    let panic = catch_unwind(|| {
        let broker = Broker::builder().start_blocking().unwrap();
        broker.on(Api::Fetch).observe().expect(1).mount();
        panic!("the test's own");
    });
    assert!(panic.is_err());
}
