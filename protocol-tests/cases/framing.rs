//! Frames and headers: what is closed without a word, what is tolerated.

use anyhow::Result;
use serde_json::json;

use crate::case::{Area, cases};
use crate::context::Context;

const A: crate::context::Conn = Context::A;

pub(super) fn area() -> Area {
    let area = CLOSED.iter().fold(Area::new("framing"), |area, row| {
        area.with(row.0, row, closed)
    });
    let area = ANSWERED
        .iter()
        .fold(area, |area, row| area.with(row.0, row, answered));
    let area = RAW
        .iter()
        .fold(area, |area, row| area.with(row.0, row, raw));
    area.cases(cases![
        telemetry_without_a_reporter,
        negative_count,
        end_inside_a_frame,
        end_at_once,
        frame_in_pieces,
        pipelined_requests,
        answers_after_the_end,
        null_client_id,
        empty_client_id,
        unknown_tag_in_the_header,
        negative_correlation_id,
        one_is_closed_the_other_is_not,
        sasl_handshake_on_plaintext,
        sasl_authenticate_on_plaintext,
    ])
}

/// Name, what stands for the frame in the transcript, key, version, flexible header, body.
type Closed = (&'static str, &'static str, i16, i16, bool, &'static [u8]);

/// Requests that the broker closes on.
const CLOSED: &[Closed] = &[
    ("unknown_key", "key 999 v0", 999, 0, false, &[]),
    ("negative_key", "key -1 v0", -1, 0, false, &[]),
    ("retired_key", "LeaderAndIsr v7", 4, 7, true, &[]),
    ("controller_key", "Vote v0", 52, 0, true, &[1, 1, 0]),
    (
        "version_too_new",
        "Metadata v14",
        3,
        14,
        true,
        &[1, 0, 0, 0],
    ),
    ("version_too_old", "Fetch v3", 1, 3, false, &[0; 20]),
    ("negative_version", "Metadata v-1", 3, -1, false, &[0; 4]),
    (
        "produce_below_3",
        "Produce v2",
        0,
        2,
        false,
        &[0, 1, 0, 0, 0, 9, 0, 0, 0, 0],
    ),
    (
        "unstable_version",
        "InitProducerId v6",
        22,
        6,
        true,
        &[0, 0, 0, 0, 0, 0],
    ),
    (
        "body_cut_short",
        "Metadata v1 with half a count",
        3,
        1,
        false,
        &[0, 0],
    ),
    ("no_body", "Metadata v9 without a body", 3, 9, true, &[]),
    (
        "count_beyond_the_frame",
        "Metadata v1 of 2147483647 topics",
        3,
        1,
        false,
        &[0x7f, 255, 255, 255],
    ),
    (
        "negative_count_where_null_is_not_allowed",
        "Metadata v0 of -1 topics",
        3,
        0,
        false,
        &[255, 255, 255, 255],
    ),
    (
        "string_beyond_the_frame",
        "Metadata v1, a name of 9 bytes, 1 there",
        3,
        1,
        false,
        &[0, 0, 0, 1, 0, 9, 97],
    ),
    (
        "null_where_none_is_allowed",
        "Metadata v1, a null name",
        3,
        1,
        false,
        &[0, 0, 0, 1, 255, 255],
    ),
    (
        "compact_count_beyond_the_frame",
        "Metadata v9 of 4294967294 topics",
        3,
        9,
        true,
        &[255, 255, 255, 255, 15],
    ),
    (
        "endless_varint",
        "Metadata v9, a count that does not end",
        3,
        9,
        true,
        &[255; 12],
    ),
    (
        "tag_beyond_the_frame",
        "Metadata v9, a tagged field of 99 bytes, 1 there",
        3,
        9,
        true,
        &[1, 0, 0, 0, 1, 7, 99, 0],
    ),
];

/// Name, what stands for the frame in the transcript, version, body.
type Answered = (&'static str, &'static str, i16, &'static [u8]);

/// Metadata requests with a body of our own making that the broker answers.
const ANSWERED: &[Answered] = &[
    (
        "tags_out_of_order",
        "Metadata v9, tagged fields 9 and 8",
        9,
        &[1, 0, 0, 0, 2, 9, 0, 8, 0],
    ),
    (
        "repeated_tag",
        "Metadata v9, tagged field 9 twice",
        9,
        &[1, 0, 0, 0, 2, 9, 0, 9, 0],
    ),
    (
        "unknown_tag",
        "Metadata v9, tagged field 99",
        9,
        &[1, 0, 0, 0, 1, 99, 2, 1, 2],
    ),
    (
        "boolean_of_two",
        "Metadata v9, the value 2 as a boolean",
        9,
        &[1, 2, 2, 2, 0],
    ),
    (
        "invalid_utf8",
        "Metadata v1, the name 0xff",
        1,
        &[0, 0, 0, 1, 0, 1, 0xff],
    ),
    (
        "bytes_after_the_body",
        "Metadata v9 and three bytes more",
        9,
        &[1, 0, 0, 0, 0, 1, 2, 3],
    ),
];

/// Name, what stands for the bytes in the transcript, the bytes; the broker closes on them.
const RAW: &[(&str, &str, &[u8])] = &[
    ("empty_frame", "a frame of no bytes", &[0, 0, 0, 0]),
    ("frame_of_a_byte", "a frame of one byte", &[0, 0, 0, 1, 0]),
    (
        "frame_shorter_than_a_header",
        "a frame of seven bytes",
        &[0, 0, 0, 7, 0, 3, 0, 1, 0, 0, 0],
    ),
    ("negative_size", "size -1", &[255, 255, 255, 255]),
    ("size_over_the_limit", "size 104857601", &[6, 64, 0, 1]),
    (
        "http",
        "GET / HTTP/1.1",
        b"GET / HTTP/1.1\r\nHost: x\r\n\r\n",
    ),
    (
        "tls_hello",
        "the start of a TLS hello",
        &[0x16, 3, 1, 2, 0, 1, 0, 1, 0xfc, 3, 3],
    ),
];

/// A request that the broker closes on; the next one is served on a new connection.
fn closed(cx: &mut Context, row: &'static Closed) -> Result<()> {
    let (_, what, key, version, flexible, body) = *row;
    let mut frame = cx.header(key, version, flexible)?;
    frame.extend(body);
    cx.send_frame(A, what, &frame)?;
    cx.expect_closed(A)?;
    metadata(cx)
}

/// A request with a body of our own making that the broker answers.
fn answered(cx: &mut Context, row: &'static Answered) -> Result<()> {
    let (_, what, version, body) = *row;
    let mut frame = cx.header(3, version, version >= 9)?;
    frame.extend(body);
    cx.send_frame(A, what, &frame)?;
    cx.expect_answer(A, "Metadata", version)?;
    cx.receive_on(A).map(drop)
}

/// Any negative count stands for null.
fn negative_count(cx: &mut Context) -> Result<()> {
    cx.create_topic("a", 1)?;
    cx.labels.own_topics_only = true;
    answered(
        cx,
        &("", "Metadata v1 of -2 topics", 1, &[255, 255, 255, 254]),
    )
}

fn raw(cx: &mut Context, row: &'static (&str, &str, &[u8])) -> Result<()> {
    let (_, what, bytes) = *row;
    cx.send_bytes(A, what, bytes)?;
    cx.expect_closed(A)
}

fn metadata(cx: &mut Context) -> Result<()> {
    cx.call("Metadata", 1, json!({"topics": []})).map(drop)
}

fn telemetry_without_a_reporter(cx: &mut Context) -> Result<()> {
    cx.labels.hidden = vec!["subscriptionId", "requestedMetrics", "pushIntervalMs"];
    cx.call("GetTelemetrySubscriptions", 0, json!({}))?;
    cx.call("PushTelemetry", 0, json!({}))?;
    Ok(())
}

fn end_inside_a_frame(cx: &mut Context) -> Result<()> {
    cx.send_bytes(
        A,
        "size 100 and two bytes, then our end",
        &[0, 0, 0, 100, 0, 3],
    )?;
    cx.finish(A)?;
    cx.expect_closed(A)
}

fn end_at_once(cx: &mut Context) -> Result<()> {
    cx.finish(A)?;
    cx.note("our end at once");
    cx.expect_closed(A)
}

fn frame_in_pieces(cx: &mut Context) -> Result<()> {
    let frame = cx.frame("Metadata", 1, &json!({"topics": []}))?;
    let mut bytes = u32::try_from(frame.len())?.to_be_bytes().to_vec();
    bytes.extend(frame);
    for byte in bytes {
        cx.quietly(|cx| cx.send_bytes(A, "", &[byte]))?;
    }
    cx.note("Metadata v1, byte by byte");
    cx.expect_answer(A, "Metadata", 1)?;
    cx.receive_on(A).map(drop)
}

fn pipelined_requests(cx: &mut Context) -> Result<()> {
    let name = cx.create_topic("a", 1)?;
    let partition = json!({"partition": 0, "fetchOffset": 0, "partitionMaxBytes": 1000});
    let waiting = json!({"maxWaitMs": 300, "minBytes": 1, "topics": [{"topic": name, "partitions": [partition]}]});
    cx.send_on(A, "Fetch", 4, waiting)?;
    cx.send_on(A, "Metadata", 1, json!({"topics": []}))?;
    cx.send_on(A, "ListPartitionReassignments", 0, json!({"topics": []}))?;
    for _ in 0..3 {
        cx.receive_on(A)?;
    }
    Ok(())
}

fn answers_after_the_end(cx: &mut Context) -> Result<()> {
    cx.send_on(A, "Metadata", 1, json!({"topics": []}))?;
    cx.finish(A)?;
    cx.note("our end");
    cx.receive_on(A)?;
    cx.expect_closed(A)
}

fn null_client_id(cx: &mut Context) -> Result<()> {
    cx.client_id = None;
    metadata(cx)
}

fn empty_client_id(cx: &mut Context) -> Result<()> {
    cx.client_id = Some(String::new());
    metadata(cx)
}

fn unknown_tag_in_the_header(cx: &mut Context) -> Result<()> {
    let mut frame = cx.header(3, 9, true)?;
    frame.pop();
    frame.extend([1, 42, 1, 7, 1, 0, 0, 0, 0]);
    cx.send_frame(
        A,
        "Metadata v9 with the tagged field 42 in the header",
        &frame,
    )?;
    cx.expect_answer(A, "Metadata", 9)?;
    cx.receive_on(A).map(drop)
}

fn negative_correlation_id(cx: &mut Context) -> Result<()> {
    cx.correlate(-7);
    metadata(cx)
}

fn one_is_closed_the_other_is_not(cx: &mut Context) -> Result<()> {
    let other = cx.connect(1)?;
    let frame = cx.header(999, 0, false)?;
    cx.send_frame(other, "key 999 v0", &frame)?;
    cx.expect_closed(other)?;
    metadata(cx)
}

fn sasl_handshake_on_plaintext(cx: &mut Context) -> Result<()> {
    for version in 0..=1 {
        cx.call("SaslHandshake", version, json!({"mechanism": "PLAIN"}))?;
    }
    metadata(cx)
}

fn sasl_authenticate_on_plaintext(cx: &mut Context) -> Result<()> {
    for version in 0..=2 {
        cx.call(
            "SaslAuthenticate",
            version,
            json!({"authBytes": "0x00610062"}),
        )?;
    }
    metadata(cx)
}
