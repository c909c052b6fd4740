//! What the control port shows of a cluster.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;

use crate::Broker;

/// Status and body of what the control port answers to a GET.
fn get(broker: &Broker, path: &str) -> (u16, String) {
    let address = broker.control().unwrap().trim_start_matches("http://");
    let mut stream = TcpStream::connect(address).unwrap();
    let request = format!("GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    (
        head.split(' ').nth(1).unwrap().parse().unwrap(),
        body.to_owned(),
    )
}

#[track_caller]
fn check(broker: &Broker, path: &str, status: u16, words: &str) {
    let answer = get(broker, path);
    assert_eq!(answer.0, status, "{path}: {answer:?}");
    assert!(answer.1.contains(words), "{path}: {answer:?}");
}

#[test]
fn http_shows_what_the_cluster_holds_and_did() {
    let builder = Broker::builder().control("127.0.0.1:0").topic("t", 1, 1);
    let broker = builder.start_blocking().unwrap();
    broker.produce("t").value("hello").send().unwrap();
    check(&broker, "/v1/topics", 200, r#""name":"t""#);
    check(&broker, "/v1/topics/t", 200, r#""high_watermark":1"#);
    check(&broker, "/v1/topics/u", 404, "there is no topic u");
    check(
        &broker,
        "/v1/topics/t/0/records?from=0&max=1",
        200,
        r#""value":"hello""#,
    );
    check(
        &broker,
        "/v1/topics/t/7/records",
        404,
        "there is no partition t-7",
    );
    check(&broker, "/v1/topics/t/0/records?form=0", 400, "form");
    check(&broker, "/v1/groups", 200, "[]");
    check(&broker, "/v1/groups/g", 404, "there is no group g");
    check(&broker, "/v1/transactions", 200, "[]");
    check(&broker, "/v1/transactions/x", 404, "x");
    check(
        &broker,
        "/v1/journal?api=produce&topic=t",
        200,
        r#""api":"Produce""#,
    );
    check(
        &broker,
        "/v1/journal?kind=topic_created&format=jsonl",
        200,
        "\"topic\":\"t\"",
    );
    check(
        &broker,
        "/v1/journal?api=Prodcue",
        400,
        "did you mean Produce?",
    );
    check(&broker, "/v1/journal?topics=t", 400, "did you mean topic?");
    check(&broker, "/v1/journal?kind=x", 400, "group_state");
    check(
        &broker,
        "/v1/journal/wait?api=Produce&timeout=5s",
        200,
        r#""last":"#,
    );
    check(
        &broker,
        "/v1/journal/wait?api=Fetch&timeout=0s",
        408,
        "and 0 found",
    );
    let produced = "fauxka_requests_total{api=\"Produce\"} 1\n";
    check(&broker, "/metrics", 200, produced);
    let watermark = "fauxka_partition_high_watermark{topic=\"t\",partition=\"0\"} 1\n";
    check(&broker, "/metrics", 200, watermark);
    check(&broker, "/metrics", 200, "fauxka_connections 0\n");
}
