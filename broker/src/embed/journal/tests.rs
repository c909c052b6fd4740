use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::time::Duration;

use crate::engine::journal::{Event, Outcome};
use crate::{Api, Broker};

const LIMIT: Duration = Duration::from_secs(20);

/// ApiVersions v3 of a client `me`, whose software is `it 1.0`.
const HELLO: &[u8] = b"\0\0\0\x17\0\x12\0\x03\0\0\0\x07\0\x02me\0\x03it\x041.0\0\0";

fn hello(broker: &Broker) -> TcpStream {
    let mut client = TcpStream::connect(broker.bootstrap()).unwrap();
    let mut frame = HELLO.to_vec();
    frame[3] = u8::try_from(frame.len() - 4).unwrap();
    client.write_all(&frame).unwrap();
    let mut size = [0; 4];
    client.read_exact(&mut size).unwrap();
    let size = usize::try_from(u32::from_be_bytes(size)).unwrap();
    client.read_exact(&mut vec![0; size]).unwrap();
    client
}

#[test]
fn a_request_is_in_the_journal_before_its_answer_is_sent() {
    let broker = Broker::builder()
        .journal_bodies(true)
        .start_blocking()
        .unwrap();
    let client = hello(&broker);
    let rows = broker
        .journal()
        .api(Api::ApiVersions)
        .expect_count(1)
        .unwrap();
    let exchange = rows[0].exchange().unwrap();
    assert_eq!(exchange.client_id, "me");
    assert_eq!((exchange.version, exchange.correlation_id), (3, 7));
    assert_eq!(exchange.software.as_ref().unwrap().name, "it");
    assert_eq!(exchange.outcome, Outcome::Answered);
    let request = exchange.request.as_ref().unwrap().to_json();
    assert_eq!(request["clientSoftwareVersion"], "1.0");
    let response = exchange.response.as_ref().unwrap().to_json();
    assert!(response["apiKeys"].as_array().unwrap().len() > 30);
    drop(client);
    let closed = broker.journal().kind("connection_closed").client_id("me");
    let rows = closed.wait_for_blocking(1, LIMIT).unwrap();
    let Event::ConnectionClosed { why, .. } = &rows[0].event else {
        panic!("{rows:?}")
    };
    assert_eq!(why, "the client closed it");
}

#[test]
fn what_is_waited_for_in_vain_says_what_there_was() {
    let broker = Broker::builder().start_blocking().unwrap();
    let _client = hello(&broker);
    let none = broker.journal().api(Api::JoinGroup).client_id("me");
    let unmet = none.wait_for_blocking(1, Duration::ZERO).unwrap_err();
    let text = unmet.to_string();
    assert!(
        text.starts_with("1 or more rows expected of api=JoinGroup client_id=me, and 0 found"),
        "{text}"
    );
    assert!(
        text.contains("ApiVersions v3 from me (1) to node 1"),
        "{text}"
    );
}

#[test]
fn the_journal_can_be_left_out() {
    let broker = Broker::builder().journal_rows(0).start_blocking().unwrap();
    let _client = hello(&broker);
    assert_eq!(broker.journal().rows(), []);
    assert_eq!(broker.journal().last(), 0);
}
