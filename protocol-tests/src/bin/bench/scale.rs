//! Many topics, and many connections that do nothing.

use std::net::TcpStream;

use anyhow::{Context as _, Result, ensure};
use protocol_tests::clock;
use serde_json::{Value, json};

use crate::comparison::Run;
use crate::exchange::{connect, exchanged, frame};
use crate::figures::Spread;
use crate::server::{Creation, PATIENCE, usable};
use crate::start::millis;

const PARTITIONS: usize = 5;
/// How often Metadata of all topics is asked for.
const ASKED: usize = 5;
const METADATA: i16 = 9;

/// Topics in requests of 500: until each partition has a leader; then Metadata of all of them.
pub(crate) fn topics(run: &mut Run<'_>) -> Result<()> {
    let server = run.peer.fresh(&[])?;
    let versions = run.peer.versions(&server)?;
    let count = run.sizes.topics;
    let names: Vec<_> = (0..count).map(|at| format!("topic-{at}")).collect();
    let topics: Vec<_> = names
        .iter()
        .map(|name| (name.as_str(), PARTITIONS))
        .collect();
    let all = json!({"topics": Value::Null});
    let creation = Creation::of(&versions, &topics)?;
    let started = clock::now();
    let created = creation.carry_out(&server)?;
    let there = usable(&server, &versions, (&all, count * PARTITIONS))?;
    run.add(
        "2,000 topics × 5 partitions until usable",
        "ms",
        millis(there - started),
    );
    created.check()?;

    let version = versions.newest("Metadata", METADATA)?;
    let request = frame("Metadata", version, &all)?;
    let mut stream = connect(&server.address)?;
    let mut taken = Vec::new();
    for _ in 0..ASKED {
        let started = clock::now();
        exchanged(&mut stream, &request)?;
        taken.push(millis(clock::now() - started));
    }
    let taken = Spread::of(&taken).context("an answer")?.median;
    run.add("Metadata of all of them", "ms", taken);
    Ok(())
}

/// Connections of which each asked for ApiVersions once.
pub(crate) fn connections(run: &mut Run<'_>) -> Result<()> {
    let server = run.peer.fresh(&[])?;
    let request = frame("ApiVersions", 0, &json!({}))?;
    let opened = || {
        let mut stream = connect(&server.address)?;
        exchanged(&mut stream, &request)?;
        anyhow::Ok(stream)
    };
    let _first = opened()?;
    let before = server.resident_bytes()?;
    let mut held: Vec<TcpStream> = Vec::new();
    let deadline = clock::now() + PATIENCE;
    for (count, row) in run.sizes.connections.into_iter().zip([
        "resident more for each of 1,000 idle connections",
        "the same with 10,000 connections, all of which answer",
    ]) {
        while held.len() < count {
            let at = held.len();
            held.push(opened().with_context(|| format!("connection {at}"))?);
            ensure!(
                clock::now() < deadline,
                "after {PATIENCE:?} {at} of {count} connections were open"
            );
        }
        let more = server.resident_bytes()? - before;
        let each = more / 1024.0 / f64::from(u32::try_from(count)?);
        for stream in &mut held {
            exchanged(stream, &request)?;
        }
        run.add(row, "KiB", each);
    }
    Ok(())
}
