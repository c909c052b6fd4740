//! Answers that nobody reads: connections that ask for much and leave it in the socket.

use std::io::Write;
use std::thread;
use std::time::Duration;

use anyhow::{Context as _, Result};
use protocol_tests::clock;
use serde_json::json;

use crate::DetailsOf;
use crate::exchange::{connect, frame};
use crate::librdkafka::{Librdkafka, Records};
use crate::metadata;
use crate::process::Process;

const PARTITIONS: usize = 24;
const RECORD_BYTES: usize = 1024;
const TOPIC: &str = "unread";

/// Connections that ask and do not read, and what each asks for.
const READERS: usize = 10;
const ASKED_BYTES: usize = 48 << 20;

/// A server is at rest when it took no CPU for so long.
const REST: Duration = Duration::from_millis(200);

/// What answers hold that nobody reads.
pub(crate) fn measure(
    of: &DetailsOf<'_>,
    load: Option<&Librdkafka>,
    out: &mut impl Write,
) -> Result<()> {
    let load = load.context("librdkafka is not there")?;
    let broker = Process::broker(of.program, &[])?;
    metadata::create(&broker.address, &[TOPIC.to_owned()], PARTITIONS)?;
    let records = Records {
        address: &broker.address,
        topic: TOPIC,
        partitions: PARTITIONS,
        count: of.payload / RECORD_BYTES,
        bytes: RECORD_BYTES,
        codec: "none",
        linger_ms: 5,
    };
    load.run("produce", records, &[])?;
    let before = broker.resident_kib()?;
    let partitions: Vec<_> = (0..PARTITIONS)
        .map(|partition| json!({"partition": partition, "fetchOffset": 0, "partitionMaxBytes": ASKED_BYTES / PARTITIONS}))
        .collect();
    let body = json!({
        "maxWaitMs": 1000, "minBytes": 1, "maxBytes": ASKED_BYTES, "sessionId": 0, "sessionEpoch": -1,
        "topics": [{"topic": TOPIC, "partitions": partitions}],
    });
    let request = frame("Fetch", 12, &body)?;
    let ask = || {
        let mut stream = connect(&broker.address)?;
        stream.write_all(&request)?;
        anyhow::Ok(stream)
    };
    let readers = (0..READERS).map(|_| ask()).collect::<Result<Vec<_>>>()?;
    let mut spent = broker.cpu()?;
    loop {
        let rested = clock::now() + REST;
        while clock::now() < rested {
            thread::park_timeout(REST);
        }
        let now = broker.cpu()?;
        if now == spent {
            break;
        }
        spent = now;
    }
    let after = broker.resident_kib()?;
    drop(readers);
    writeln!(
        out,
        "\n{READERS} connections that ask for {} MiB and do not read: resident {} MiB, before {} MiB",
        ASKED_BYTES >> 20,
        after >> 10,
        before >> 10
    )?;
    Ok(())
}
