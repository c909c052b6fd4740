//! Batches of 1 MiB by this program's own load: the CPU that records take beside plain TCP moving the same bytes.

use std::io::Write;
use std::path::Path;
use std::time::Duration;

use anyhow::{Context as _, Result};
use protocol_tests::clock;

use crate::DetailsOf;
use crate::load::Load;
use crate::process::Process;

/// What a transfer took.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Cost {
    /// Of the serving process.
    pub(crate) cpu: Duration,
    wall: Duration,
}

/// One way of serving the bytes of one load, each round's cost.
type Costs = Vec<Cost>;

/// The broker and what it is compared with, for one load.
#[derive(Debug, Default)]
struct Costed {
    produce: Costs,
    /// A server that reads the same frames into one buffer, over and over.
    sink: Costs,
    /// One that keeps every frame in memory of its own.
    keeping_sink: Costs,
    fetch: Costs,
    /// A server that writes as many bytes from one buffer.
    source: Costs,
    /// What another build of the broker takes.
    earlier_produce: Costs,
    earlier_fetch: Costs,
}

/// Batches of one size, to and from the broker and plain servers.
pub(crate) fn measure(of: &DetailsOf<'_>, out: &mut impl Write) -> Result<()> {
    writeln!(
        out,
        "\nCPU seconds of the server per GB of record values, medians of {} rounds",
        of.rounds
    )?;
    writeln!(
        out,
        "{:8}{:>11}{:>13}{:>6}{:>7}{:>8}{:>8}{:>8}{:>8}{:>8}{:>8}{:>8}",
        "",
        "partitions",
        "record bytes",
        "MB",
        "MB/s",
        "broker",
        "earlier",
        "ratio",
        "plain",
        "ratio",
        "keeping",
        "ratio"
    )?;
    for (partitions, record_bytes) in [(1, 100), (1, 1024), (24, 100), (24, 1024)] {
        let load = Load::new(partitions, record_bytes, of.payload)?;
        let mut costed = Costed::default();
        for _ in 0..of.rounds {
            costed.measure(of.program, of.own, &load)?;
            if let Some(earlier) = of.earlier {
                costed.measure_earlier(earlier, &load)?;
            }
        }
        let Costed {
            produce,
            sink,
            keeping_sink,
            fetch,
            source,
            earlier_produce,
            earlier_fetch,
        } = costed;
        let beside = [earlier_produce, sink, keeping_sink];
        row(out, "produce", &load, produce, beside)?;
        row(out, "fetch", &load, fetch, [earlier_fetch, source])?;
    }
    Ok(())
}

impl Costed {
    /// One round, in processes of its own.
    fn measure(&mut self, program: &Path, own: &Path, load: &Load) -> Result<()> {
        let broker = Process::broker(program, &[&format!("--topic=bench:{}", load.partitions)])?;
        let plain = Process::start(own, &["--plain"])?;
        let (to, beside) = (&broker.address, &plain.address);
        self.produce.push(timed(&broker, || load.produce(to))?);
        self.sink
            .push(timed(&plain, || load.to_sink(beside, false))?);
        self.keeping_sink
            .push(timed(&plain, || load.to_sink(beside, true))?);
        self.fetch.push(timed(&broker, || load.fetch(to))?);
        self.source.push(timed(&plain, || load.by_source(beside))?);
        Ok(())
    }

    fn measure_earlier(&mut self, program: &Path, load: &Load) -> Result<()> {
        let broker = Process::broker(program, &[&format!("--topic=bench:{}", load.partitions)])?;
        let to = &broker.address;
        self.earlier_produce
            .push(timed(&broker, || load.produce(to))?);
        self.earlier_fetch.push(timed(&broker, || load.fetch(to))?);
        Ok(())
    }
}

pub(crate) fn timed(server: &Process, transfer: impl FnOnce() -> Result<()>) -> Result<Cost> {
    let (cpu, started) = (server.cpu()?, clock::now());
    transfer()?;
    Ok(Cost {
        wall: clock::now() - started,
        cpu: server.cpu()?.saturating_sub(cpu),
    })
}

/// The broker's cost, then that of each server beside it and how many times as much the broker takes.
fn row<const N: usize>(
    out: &mut impl Write,
    what: &str,
    load: &Load,
    costs: Costs,
    beside: [Costs; N],
) -> Result<()> {
    let gigabytes = load.payload_gigabytes()?;
    let per_gigabyte = |cost: Cost| cost.cpu.as_secs_f64() / gigabytes;
    let cost = median(costs)?;
    write!(
        out,
        "{what:8}{:>11}{:>13}{:>6.0}{:>7.0}{:>8.3}",
        load.partitions,
        load.record_bytes,
        gigabytes * 1000.0,
        gigabytes * 1000.0 / cost.wall.as_secs_f64(),
        per_gigabyte(cost),
    )?;
    for costs in beside {
        if costs.is_empty() {
            write!(out, "{:>8}{:>8}", "-", "-")?;
            continue;
        }
        let plain = per_gigabyte(median(costs)?);
        write!(out, "{plain:>8.3}{:>8.2}", per_gigabyte(cost) / plain)?;
    }
    writeln!(out)?;
    out.flush()?;
    Ok(())
}

pub(crate) fn median<T: Ord>(mut all: Vec<T>) -> Result<T> {
    all.sort();
    let middle = all.len() / 2;
    all.into_iter().nth(middle).context("nothing was measured")
}
