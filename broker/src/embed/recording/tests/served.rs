//! Recorded clusters that are served.

use super::*;
use crate::inspect::GroupView;

/// JoinGroup v1 of a member that is alone in its group.
fn join(group: &str, session_ms: i32) -> Vec<u8> {
    let mut body = Vec::new();
    let text = |text: &str, body: &mut Vec<u8>| {
        body.extend(i16::try_from(text.len()).unwrap().to_be_bytes());
        body.extend(text.as_bytes());
    };
    text(group, &mut body);
    body.extend(session_ms.to_be_bytes());
    body.extend(session_ms.to_be_bytes());
    text("", &mut body);
    text("consumer", &mut body);
    body.extend(1_i32.to_be_bytes());
    text("range", &mut body);
    body.extend(0_i32.to_be_bytes());
    body
}

fn recorded(place: &Place) -> Vec<GroupView> {
    let builder = Broker::builder().nodes(2).topic("orders", 1, 2);
    let builder = builder.config("group.initial.rebalance.delay.ms", "0");
    let builder = builder.clock(Clock::manual()).record(&place.0);
    let broker = builder.start_blocking().unwrap();
    broker.produce("orders").value("first").send().unwrap();
    let found = Client::new(&broker).ask(10, 0, b"\0\x01g");
    // After the correlation id and the error.
    let node = i32::from_be_bytes(found[6..10].try_into().unwrap());
    let mut member = Client::of(&broker, node);
    member.ask(11, 1, &join("g", 30_000));
    broker.node(3 - node).stop_blocking().unwrap();
    let groups = broker.groups();
    broker
        .clock()
        .advance_blocking(Duration::from_secs(20))
        .unwrap();
    broker.produce("orders").value("second").send().unwrap();
    groups
}

#[test]
fn a_recorded_cluster_is_served_as_it_was() {
    let place = Place::new("served");
    let groups = recorded(&place);
    let recording = Recording::load(&place.0).unwrap();
    let before = recording
        .rerun_until(Until::Time(Duration::from_secs(1)))
        .unwrap();
    let journal = before.journal().count();
    let broker = before.serve().start_blocking().unwrap();
    assert_eq!(broker.partition("orders", 0).values().unwrap(), ["first"]);
    assert_eq!(broker.groups(), groups);
    assert_eq!(broker.groups()[0].members.len(), 1);
    assert_eq!(broker.clock().elapsed(), Duration::ZERO);
    assert!(broker.journal().rows().len() >= journal);
    let running = [1, 2].map(|id| broker.node(id).is_running());
    assert_eq!(running.iter().filter(|runs| **runs).count(), 1);
    // Sessions go on from the recording's moment, and no earlier connection is taken for a new one.
    broker
        .clock()
        .advance_blocking(Duration::from_secs(29))
        .unwrap();
    assert_eq!(broker.groups()[0].members.len(), 1);
    broker
        .clock()
        .advance_blocking(Duration::from_secs(1))
        .unwrap();
    assert_eq!(broker.groups()[0].members.len(), 0);
    let stopped = running.iter().position(|runs| !runs).unwrap();
    let stopped = i32::try_from(stopped).unwrap() + 1;
    broker.node(stopped).start_blocking().unwrap();
    let answer = Client::of(&broker, stopped).ask(3, 1, &[0xff; 4]);
    for id in [1, 2] {
        let port: i32 = address(&broker, id)
            .rsplit_once(':')
            .unwrap()
            .1
            .parse()
            .unwrap();
        let told = answer.windows(4).any(|bytes| bytes == port.to_be_bytes());
        assert!(told, "{id} at {port}");
    }
}

#[test]
fn whoever_looks_logs_in_with_the_password_that_stands_for_all() {
    let place = Place::new("served-users");
    record(&place);
    let rerun = Recording::load(&place.0).unwrap().rerun().unwrap();
    let served = rerun.serve().user("carol", "her0wn");
    let broker = served.start_blocking().unwrap();
    let log_in = |name: &str, password: &str| {
        let mut client = Client::new(&broker);
        client.log_in(name, password);
        client.stream.set_nonblocking(true).unwrap();
        let closed = matches!(client.stream.read(&mut [0]), Ok(0));
        client.stream.set_nonblocking(false).unwrap();
        if closed {
            Vec::new()
        } else {
            client.ask(3, 1, &[0xff; 4])
        }
    };
    for (name, password) in [("alice", "hidden"), ("carol", "her0wn")] {
        assert!(log_in(name, password).len() > 20, "{name}");
    }
}

#[test]
fn time_goes_on_if_it_is_to() {
    let place = Place::new("served-real");
    recorded(&place);
    let rerun = Recording::load(&place.0).unwrap().rerun().unwrap();
    let broker = rerun.serve().real_clock().start_blocking().unwrap();
    let elapsed = broker.clock().elapsed();
    assert!(elapsed >= Duration::from_secs(20), "{elapsed:?}");
    assert!(broker.clock().advance_blocking(Duration::ZERO).is_err());
}

#[test]
fn rules_of_a_recorded_program_do_not_fail_the_one_that_looks() {
    let place = Place::new("served-rules");
    let builder = Broker::builder().record(&place.0);
    let broker = builder.start_blocking().unwrap();
    let rule = broker.on(crate::Api::Heartbeat).observe().expect(1..);
    let rule = rule.mount();
    broker.create_topic("t").create().unwrap();
    rule.remove();
    drop(broker);
    let recording = Recording::load(&place.0).unwrap();
    let rerun = recording.rerun_until(Until::Input(2)).unwrap();
    drop(rerun.serve().start_blocking().unwrap());
}
