//! Frames: what is closed, what is tolerated.

use anyhow::Result;
use serde_json::json;

use crate::case::Area;
use crate::context::Context;

pub(super) fn area() -> Area {
    Area::new("framing")
        .case("unknown_key", unknown_key)
        .case("bytes_after_the_body", bytes_after_the_body)
}

fn unknown_key(cx: &mut Context) -> Result<()> {
    let header = [0x03, 0xe7, 0, 0, 0, 0, 0, 1, 0xff, 0xff];
    cx.send_frame(Context::A, "key 999 v0", &header)?;
    cx.expect_closed(Context::A)
}

fn bytes_after_the_body(cx: &mut Context) -> Result<()> {
    let mut frame = cx.frame(
        "ListPartitionReassignments",
        0,
        &json!({"timeoutMs": 1000, "topics": []}),
    )?;
    frame.extend([1, 2, 3]);
    cx.send_frame(
        Context::A,
        "ListPartitionReassignments v0 and three bytes more",
        &frame,
    )?;
    cx.expect_answer(Context::A, "ListPartitionReassignments", 0)?;
    cx.receive_on(Context::A).map(drop)
}
