//! What the broker costs: its start, its memory, and the CPU that records take beside plain TCP moving the same bytes.
//!
//! Run it with `make bench`; figures depend on the machine, the ratios much less.

mod load;
mod plain;
mod process;

use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context as _, Result};
use clap::Parser;
use protocol_tests::clock;

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
    /// Serves plain TCP instead: what the broker is compared with
    #[arg(long, hide = true)]
    plain: bool,
}

/// What a transfer took.
struct Cost {
    wall: Duration,
    /// Of the serving process.
    cpu: Duration,
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
    starts(&program, &mut out)?;
    writeln!(
        out,
        "\n{:8}{:>12}{:>14}{:>8}{:>10}{:>12}{:>13}{:>8}",
        "", "partitions", "record bytes", "MB", "MB/s", "CPU s/GB", "plain s/GB", "ratio"
    )?;
    for (partitions, record_bytes) in [(1, 100), (1, 1024), (24, 100), (24, 1024)] {
        let load = Load::new(partitions, record_bytes, options.mebibytes << 20)?;
        let broker = Process::broker(&program, &[&format!("--topic=bench:{partitions}")])?;
        let plain = Process::start(&own, &["--plain"])?;
        let cost = timed(&broker, || load.produce(&broker.address))?;
        let beside = timed(&plain, || load.to_sink(&plain.address))?;
        row(&mut out, "produce", &load, &cost, &beside)?;
        let cost = timed(&broker, || load.fetch(&broker.address))?;
        let beside = timed(&plain, || load.read_source(&plain.address))?;
        row(&mut out, "fetch", &load, &cost, &beside)?;
    }
    Ok(())
}

fn starts(program: &std::path::Path, out: &mut impl Write) -> Result<()> {
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

fn row(out: &mut impl Write, what: &str, load: &Load, cost: &Cost, beside: &Cost) -> Result<()> {
    let gigabytes = load.payload_gigabytes()?;
    let per_gigabyte = |cost: &Cost| cost.cpu.as_secs_f64() / gigabytes;
    writeln!(
        out,
        "{what:8}{:>12}{:>14}{:>8.0}{:>10.0}{:>12.2}{:>13.2}{:>8.2}",
        load.partitions,
        load.record_bytes,
        gigabytes * 1000.0,
        gigabytes * 1000.0 / cost.wall.as_secs_f64(),
        per_gigabyte(cost),
        per_gigabyte(beside),
        per_gigabyte(cost) / per_gigabyte(beside),
    )?;
    out.flush()?;
    Ok(())
}

fn median<T: Ord>(mut all: Vec<T>) -> Result<T> {
    all.sort();
    let middle = all.len() / 2;
    all.into_iter().nth(middle).context("nothing was measured")
}
