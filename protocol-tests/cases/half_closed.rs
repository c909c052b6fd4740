//! Clients that close their side of a connection while a request of theirs is in flight: it is done, and answered.

use anyhow::Result;
use serde_json::{Value, json};

use super::fetch::{at, produce};
use crate::case::Area;
use crate::context::{Conn, Context};
use crate::records::Batch;

const A: Conn = Context::A;

pub(super) fn area() -> Area {
    Area::new("half_closed")
        .case("fetch_until_records_come", until_records)
        .case("fetch_until_its_time_is_up", until_time)
        .case("what_was_sent_behind_it", pipelined)
        .case("produce_of_a_client_that_is_gone", gone)
}

/// A Fetch that waits for records, or for so long.
fn waiting(topic: &str, wait: i64) -> Value {
    json!({"maxWaitMs": wait, "minBytes": 1, "topics": [{"topic": topic, "partitions": [at(0, 0)]}]})
}

fn until_records(cx: &mut Context) -> Result<()> {
    let a = cx.create_topic("a", 1)?;
    let b = cx.connect(1)?;
    cx.send_on(b, "Fetch", 12, waiting(&a, 20_000))?;
    cx.finish(b)?;
    cx.note("our end");
    produce(cx, &a, 0, &["x"])?;
    cx.receive_on(b)?;
    cx.expect_closed(b)
}

fn until_time(cx: &mut Context) -> Result<()> {
    let a = cx.create_topic("a", 1)?;
    cx.send_on(A, "Fetch", 12, waiting(&a, 300))?;
    cx.finish(A)?;
    cx.note("our end");
    cx.receive_on(A)?;
    cx.expect_closed(A)
}

fn pipelined(cx: &mut Context) -> Result<()> {
    let a = cx.create_topic("a", 1)?;
    cx.send_on(A, "Fetch", 12, waiting(&a, 300))?;
    cx.send_on(A, "Metadata", 1, json!({"topics": []}))?;
    cx.send_on(A, "ListPartitionReassignments", 0, json!({"topics": []}))?;
    cx.finish(A)?;
    cx.note("our end");
    for _ in 0..3 {
        cx.receive_on(A)?;
    }
    cx.expect_closed(A)
}

fn gone(cx: &mut Context) -> Result<()> {
    let a = cx.create_topic("a", 1)?;
    cx.send_on(A, "Fetch", 12, waiting(&a, 20_000))?;
    let b = cx.connect(1)?;
    let partition = json!({"index": 0, "records": Batch::of(&["x"]).json()});
    let topic = json!({"name": a, "partitionData": [partition]});
    let body = json!({"acks": -1, "timeoutMs": 10000, "topicData": [topic]});
    cx.send_on(b, "Produce", 9, body)?;
    cx.forget_last_connection();
    cx.note("the second client closes its connection");
    cx.receive_on(A)?;
    Ok(())
}
