//! Records flat out by librdkafka: CPU of the server for each GB of values, and what stays resident.

use anyhow::Result;
use serde_json::Value;

use crate::comparison::Run;
use crate::librdkafka::{Records, number};
use crate::peer::How;
use crate::server::Server;

const LINGER_MS: usize = 5;

/// 24 partitions of 1 KiB: written, kept, and read from the beginning.
pub(crate) fn produce_and_consume(run: &mut Run<'_>, codec: &'static str) -> Result<()> {
    let (partitions, bytes) = (24, 1024);
    let topic = run.topic();
    let server = run.peer.with_topic(&topic, partitions)?;
    let records = Records {
        address: &server.address,
        topic: &topic,
        partitions,
        count: run.sizes.payload / bytes,
        bytes,
        codec,
        linger_ms: LINGER_MS,
    };
    let suffix = if codec == "none" { "" } else { ", lz4" };
    let before = server.resident_bytes();
    let row = format!("produce 24 × 1 KiB{suffix}");
    timed(run, &server, ("produce", &row), records)?;
    if codec == "none"
        && let (Ok(before), Ok(after)) = (before, server.resident_bytes())
    {
        let payload = records.gigabytes()? * 1e9;
        let row = "resident more after it, per byte of values";
        run.add(row, "bytes", (after - before) / payload);
    }
    let row = format!("catch up 24 × 1 KiB{suffix}");
    if matches!(run.peer.how, How::Mock(_)) {
        // It keeps the newest megabytes of a partition alone.
        return Ok(());
    }
    timed(run, &server, ("consume", &row), records)?;
    Ok(())
}

/// 100 bytes: what each record costs.
pub(crate) fn produce_small(run: &mut Run<'_>, partitions: usize) -> Result<()> {
    let bytes = 100;
    let topic = run.topic();
    let server = run.peer.with_topic(&topic, partitions)?;
    let records = Records {
        address: &server.address,
        topic: &topic,
        partitions,
        count: run.sizes.payload / 2 / bytes,
        bytes,
        codec: "none",
        linger_ms: LINGER_MS,
    };
    let row = format!("produce {partitions} × 100 B");
    timed(run, &server, ("produce", &row), records)?;
    Ok(())
}

/// One load.
fn timed(
    run: &mut Run<'_>,
    server: &Server,
    (what, row): (&str, &str),
    records: Records<'_>,
) -> Result<Value> {
    let gigabytes = records.gigabytes()?;
    let before = server.cpu();
    let measured = run.load()?.run(what, records, &[])?;
    if let (Ok(before), Ok(after)) = (before, server.cpu()) {
        let spent = after.saturating_sub(before).as_secs_f64();
        run.add(row, "CPU s per GB", spent / gigabytes);
    }
    let rate = gigabytes * 1000.0 / number(&measured, "seconds")?;
    run.add(&format!("{row}, rate"), "MB/s", rate);
    Ok(measured)
}
