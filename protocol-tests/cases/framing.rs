//! Frames and headers: what is closed without a word, what is tolerated.

use anyhow::Result;
use serde_json::json;

use crate::case::Area;
use crate::context::Context;

const A: crate::context::Conn = Context::A;

pub(super) fn area() -> Area {
    Area::new("framing")
        .case("unknown_key", |cx| {
            closed(cx, "key 999 v0", 999, 0, false, &[])
        })
        .case("negative_key", |cx| {
            closed(cx, "key -1 v0", -1, 0, false, &[])
        })
        .case("retired_key", |cx| {
            closed(cx, "LeaderAndIsr v7", 4, 7, true, &[])
        })
        .case("controller_key", |cx| {
            closed(cx, "Vote v0", 52, 0, true, &[1, 1, 0])
        })
        .case("telemetry_without_a_reporter", telemetry_without_a_reporter)
        .case("version_too_new", |cx| {
            closed(cx, "Metadata v14", 3, 14, true, &[1, 0, 0, 0])
        })
        .case("version_too_old", |cx| {
            closed(cx, "Fetch v3", 1, 3, false, &[0; 20])
        })
        .case("negative_version", |cx| {
            closed(cx, "Metadata v-1", 3, -1, false, &[0; 4])
        })
        .case("produce_below_3", |cx| {
            closed(
                cx,
                "Produce v2",
                0,
                2,
                false,
                &[0, 1, 0, 0, 0, 9, 0, 0, 0, 0],
            )
        })
        .case("unstable_version", |cx| {
            closed(cx, "InitProducerId v6", 22, 6, true, &[0, 0, 0, 0, 0, 0])
        })
        .case("body_cut_short", |cx| {
            closed(cx, "Metadata v1 with half a count", 3, 1, false, &[0, 0])
        })
        .case("no_body", |cx| {
            closed(cx, "Metadata v9 without a body", 3, 9, true, &[])
        })
        .case("count_beyond_the_frame", |cx| {
            closed(
                cx,
                "Metadata v1 of 2147483647 topics",
                3,
                1,
                false,
                &[0x7f, 255, 255, 255],
            )
        })
        .case("negative_count", negative_count)
        .case("negative_count_where_null_is_not_allowed", |cx| {
            closed(
                cx,
                "Metadata v0 of -1 topics",
                3,
                0,
                false,
                &[255, 255, 255, 255],
            )
        })
        .case("string_beyond_the_frame", |cx| {
            closed(
                cx,
                "Metadata v1, a name of 9 bytes, 1 there",
                3,
                1,
                false,
                &[0, 0, 0, 1, 0, 9, 97],
            )
        })
        .case("null_where_none_is_allowed", |cx| {
            closed(
                cx,
                "Metadata v1, a null name",
                3,
                1,
                false,
                &[0, 0, 0, 1, 255, 255],
            )
        })
        .case("compact_count_beyond_the_frame", |cx| {
            closed(
                cx,
                "Metadata v9 of 4294967294 topics",
                3,
                9,
                true,
                &[255, 255, 255, 255, 15],
            )
        })
        .case("endless_varint", |cx| {
            closed(
                cx,
                "Metadata v9, a count that does not end",
                3,
                9,
                true,
                &[255; 12],
            )
        })
        .case("tag_beyond_the_frame", |cx| {
            closed(
                cx,
                "Metadata v9, a tagged field of 99 bytes, 1 there",
                3,
                9,
                true,
                &[1, 0, 0, 0, 1, 7, 99, 0],
            )
        })
        .case("tags_out_of_order", |cx| {
            answered(
                cx,
                "Metadata v9, tagged fields 9 and 8",
                "Metadata",
                9,
                &[1, 0, 0, 0, 2, 9, 0, 8, 0],
            )
        })
        .case("repeated_tag", |cx| {
            answered(
                cx,
                "Metadata v9, tagged field 9 twice",
                "Metadata",
                9,
                &[1, 0, 0, 0, 2, 9, 0, 9, 0],
            )
        })
        .case("unknown_tag", |cx| {
            answered(
                cx,
                "Metadata v9, tagged field 99",
                "Metadata",
                9,
                &[1, 0, 0, 0, 1, 99, 2, 1, 2],
            )
        })
        .case("boolean_of_two", |cx| {
            answered(
                cx,
                "Metadata v9, the value 2 as a boolean",
                "Metadata",
                9,
                &[1, 2, 2, 2, 0],
            )
        })
        .case("invalid_utf8", |cx| {
            answered(
                cx,
                "Metadata v1, the name 0xff",
                "Metadata",
                1,
                &[0, 0, 0, 1, 0, 1, 0xff],
            )
        })
        .case("bytes_after_the_body", |cx| {
            answered(
                cx,
                "Metadata v9 and three bytes more",
                "Metadata",
                9,
                &[1, 0, 0, 0, 0, 1, 2, 3],
            )
        })
        .case("empty_frame", |cx| {
            raw(cx, "a frame of no bytes", &[0, 0, 0, 0])
        })
        .case("frame_of_a_byte", |cx| {
            raw(cx, "a frame of one byte", &[0, 0, 0, 1, 0])
        })
        .case("frame_shorter_than_a_header", |cx| {
            raw(
                cx,
                "a frame of seven bytes",
                &[0, 0, 0, 7, 0, 3, 0, 1, 0, 0, 0],
            )
        })
        .case("negative_size", |cx| {
            raw(cx, "size -1", &[255, 255, 255, 255])
        })
        .case("size_over_the_limit", |cx| {
            raw(cx, "size 104857601", &[6, 64, 0, 1])
        })
        .case("http", |cx| {
            raw(cx, "GET / HTTP/1.1", b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        })
        .case("tls_hello", |cx| {
            raw(
                cx,
                "the start of a TLS hello",
                &[0x16, 3, 1, 2, 0, 1, 0, 1, 0xfc, 3, 3],
            )
        })
        .case("end_inside_a_frame", end_inside_a_frame)
        .case("end_at_once", end_at_once)
        .case("frame_in_pieces", frame_in_pieces)
        .case("pipelined_requests", pipelined_requests)
        .case("answers_after_the_end", answers_after_the_end)
        .case("null_client_id", null_client_id)
        .case("empty_client_id", empty_client_id)
        .case("unknown_tag_in_the_header", unknown_tag_in_the_header)
        .case("negative_correlation_id", negative_correlation_id)
        .case(
            "one_is_closed_the_other_is_not",
            one_is_closed_the_other_is_not,
        )
        .case("sasl_handshake_on_plaintext", sasl_handshake_on_plaintext)
        .case(
            "sasl_authenticate_on_plaintext",
            sasl_authenticate_on_plaintext,
        )
}

/// A request that the broker closes on; the next one is served on a new connection.
fn closed(
    cx: &mut Context,
    what: &str,
    key: i16,
    version: i16,
    flexible: bool,
    body: &[u8],
) -> Result<()> {
    let mut frame = cx.header(key, version, flexible)?;
    frame.extend(body);
    cx.send_frame(A, what, &frame)?;
    cx.expect_closed(A)?;
    metadata(cx)
}

/// A request with a body of our own making that the broker answers.
fn answered(cx: &mut Context, what: &str, api: &str, version: i16, body: &[u8]) -> Result<()> {
    let mut frame = cx.header(3, version, version >= 9)?;
    frame.extend(body);
    cx.send_frame(A, what, &frame)?;
    cx.expect_answer(A, api, version)?;
    cx.receive_on(A).map(drop)
}

/// Any negative count stands for null.
fn negative_count(cx: &mut Context) -> Result<()> {
    cx.create_topic("a", 1)?;
    cx.labels.own_topics_only = true;
    answered(
        cx,
        "Metadata v1 of -2 topics",
        "Metadata",
        1,
        &[255, 255, 255, 254],
    )
}

fn raw(cx: &mut Context, what: &str, bytes: &[u8]) -> Result<()> {
    cx.send_bytes(A, what, bytes)?;
    cx.expect_closed(A)
}

fn metadata(cx: &mut Context) -> Result<()> {
    cx.call("Metadata", 1, json!({"topics": []})).map(drop)
}

fn telemetry_without_a_reporter(cx: &mut Context) -> Result<()> {
    cx.labels.hidden.push("subscriptionId");
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
