//! What the broker costs: its start, its memory, and the CPU that records take beside plain TCP moving the same bytes.
//!
//! Run it with `make bench`; figures depend on the machine, the ratios much less.

mod catch_up;
mod exchange;
mod load;
mod metadata;
mod plain;
mod process;
mod requests;
mod shares;

use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context as _, Result};
use clap::{Parser, ValueEnum};
use protocol_tests::clock;

use catch_up::Peers;
use load::Load;
use process::Process;

/// Starts that the median is taken of.
const STARTS: usize = 20;

/// Measures a built broker and prints a table.
#[derive(Parser)]
struct Options {
    /// The broker's program [default: the one beside this]
    #[arg(long)]
    program: Option<PathBuf>,
    /// Bytes of record values that each measurement moves, in MiB
    #[arg(long, default_value_t = 480)]
    mebibytes: usize,
    /// How often each transfer is measured, in turn with the others; the medians are printed
    #[arg(long, default_value_t = 5)]
    rounds: usize,
    /// Where clients and other brokers were installed [default: `clients` beside the programs' folder]
    #[arg(long)]
    peers: Option<PathBuf>,
    /// The folder of Apache Kafka's jars [default: `oracle/libs` beside the programs' folder]
    #[arg(long)]
    oracle: Option<PathBuf>,
    /// Another build of the broker, measured in the same rounds: what a change costs
    #[arg(long)]
    earlier: Option<PathBuf>,
    /// Measures these tables alone
    #[arg(long, value_enum)]
    only: Vec<Table>,
    /// Serves plain TCP instead: what the broker is compared with
    #[arg(long, hide = true)]
    plain: bool,
}

/// A table of what is measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Table {
    Starts,
    Transfers,
    CatchUp,
    Metadata,
    Requests,
    Shares,
}

impl Options {
    fn has(&self, table: Table) -> bool {
        self.only.is_empty() || self.only.contains(&table)
    }
}

/// What a transfer took.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Cost {
    /// Of the serving process.
    cpu: Duration,
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

fn main() -> ExitCode {
    let options = Options::parse();
    let done = if options.plain {
        plain::serve()
    } else {
        measure(&options)
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let _lost = writeln!(io::stderr(), "bench: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn measure(options: &Options) -> Result<()> {
    let own = std::env::current_exe()?;
    let program = options
        .program
        .clone()
        .unwrap_or_else(|| own.with_file_name("fauxka"));
    let mut out = io::stdout().lock();
    if options.has(Table::Starts) {
        starts(&program, &mut out)?;
    }
    if options.has(Table::Transfers) {
        transfers(options, (&program, &own), &mut out)?;
    }
    let beside_programs = || own.ancestors().nth(2).map(|folder| folder.join("clients"));
    let peers = options.peers.clone().or_else(beside_programs);
    let peers = Peers(peers.unwrap_or_default());
    if options.has(Table::CatchUp) {
        catch_up::measure(options, (&program, &own), &peers, &mut out)?;
    }
    let kfake = peers.kfake();
    if options.has(Table::Metadata) {
        metadata::measure(options, &program, kfake.as_deref(), &mut out)?;
    }
    if options.has(Table::Requests) {
        requests::measure(options, &program, kfake.as_deref(), &mut out)?;
    }
    if options.has(Table::Shares) {
        shares::measure(options, &program, kfake.as_deref(), &mut out)?;
    }
    Ok(())
}

/// Batches of one size, to and from the broker and plain servers.
fn transfers(
    options: &Options,
    (program, own): (&Path, &Path),
    out: &mut impl Write,
) -> Result<()> {
    writeln!(
        out,
        "\nCPU seconds of the server per GB of record values, medians of {} rounds",
        options.rounds
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
        let load = Load::new(partitions, record_bytes, options.mebibytes << 20)?;
        let mut costed = Costed::default();
        for _ in 0..options.rounds {
            costed.measure(program, own, &load)?;
            if let Some(earlier) = &options.earlier {
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

fn starts(program: &Path, out: &mut impl Write) -> Result<()> {
    let (mut ready, mut answered, mut resident) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..STARTS {
        let started = clock::now();
        let broker = Process::broker(program, &[])?;
        ready.push(clock::now() - started);
        load::first_answer(&broker.address)?;
        answered.push(clock::now() - started);
        resident.push(broker.resident_kib()?);
    }
    writeln!(out, "median of {STARTS} starts")?;
    writeln!(out, "  to the READY line     {:>8.1?}", median(ready)?)?;
    writeln!(out, "  to the first answer   {:>8.1?}", median(answered)?)?;
    writeln!(out, "  idle, resident KiB    {:>8}", median(resident)?)?;
    Ok(())
}

fn timed(server: &Process, transfer: impl FnOnce() -> Result<()>) -> Result<Cost> {
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

fn median<T: Ord>(mut all: Vec<T>) -> Result<T> {
    all.sort();
    let middle = all.len() / 2;
    all.into_iter().nth(middle).context("nothing was measured")
}
