//! How long a producer waits: for acknowledgements, and for commits.

use anyhow::Result;
use serde_json::Value;

use crate::comparison::Run;
use crate::librdkafka::{Records, number};

const PARTITIONS: usize = 6;

/// Records a second, where nothing is compared with transactions.
const RATE: &str = "500";
/// In the runs with and without transactions.
const TRANSACTIONS_RATE: &str = "1000";
const COMMIT_MS: &str = "100";

/// Single records at a pace, acknowledged by all.
pub(crate) fn acknowledgements(run: &mut Run<'_>) -> Result<()> {
    let paced = paced(run, ("paced", run.sizes.timed), &["--rate", RATE])?;
    let row = "produce at 500 records/s, acks all";
    run.add(
        &format!("{row}: p50"),
        "ms",
        number(&paced, "p50_us")? / 1e3,
    );
    run.add(
        &format!("{row}: mean"),
        "ms",
        number(&paced, "mean_us")? / 1e3,
    );
    Ok(())
}

/// The same pace without and with transactions; then transactions of one record.
pub(crate) fn transactions(run: &mut Run<'_>) -> Result<()> {
    let pace = ["--rate", TRANSACTIONS_RATE];
    let idempotent = paced(run, ("paced", run.sizes.timed), &pace)?;
    let in_transactions = [pace.as_slice(), &["--commit-ms", COMMIT_MS]].concat();
    let transactional = paced(run, ("paced", run.sizes.timed), &in_transactions)?;
    let p50 = |measured| Ok::<_, anyhow::Error>(number(measured, "p50_us")? / 1e3);
    let (without, with) = (p50(&idempotent)?, p50(&transactional)?);
    let row = "1,000 records/s";
    run.add(&format!("{row}, idempotent: p50"), "ms", without);
    run.add(
        &format!("{row}, in transactions of 100 ms: p50"),
        "ms",
        with,
    );
    run.add("transactions over idempotent, p50", "times", with / without);
    let commits = paced(run, ("commits", run.sizes.commits), &[])?;
    run.add("commit of one record: p50", "ms", p50(&commits)?);
    Ok(())
}

fn paced(run: &mut Run<'_>, (what, count): (&str, usize), more: &[&str]) -> Result<Value> {
    let topic = run.topic();
    let server = run.peer.with_topic(&topic, PARTITIONS)?;
    let records = Records {
        address: &server.address,
        topic: &topic,
        partitions: PARTITIONS,
        count,
        bytes: 1024,
        codec: "none",
        linger_ms: 0,
    };
    run.load()?.run(what, records, more)
}
