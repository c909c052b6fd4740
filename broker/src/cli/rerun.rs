//! `fauxka rerun`: a recording happens again.

use std::io::Write;
use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Result, bail};
use clap::Args;
use fauxka::recording::{Recording, Rerun, Until};
use serde_json::Value as Json;

use super::show;

/// A recording to run again.
#[derive(Debug, Args)]
pub(crate) struct Options {
    /// What `fauxka serve --record` wrote
    #[arg(value_name = "FILE")]
    recording: PathBuf,
    /// Stop after so many inputs (250) or at a time on the cluster's clock (1m30s), and show the cluster
    #[arg(long, value_name = "N|TIME", value_parser = until)]
    until: Option<Until>,
    /// Print the journal's rows
    #[arg(long)]
    journal: bool,
    /// As JSON, a row on a line
    #[arg(long, requires = "journal")]
    json: bool,
}

fn until(text: &str) -> Result<Until, String> {
    if let Ok(inputs) = text.parse() {
        return Ok(Until::Input(inputs));
    }
    let time: Duration = humantime::parse_duration(text)
        .map_err(|_| format!("{text:?} is neither a number of inputs nor a time such as 1m30s"))?;
    Ok(Until::Time(time))
}

/// Runs it, and says whether every answer was the same.
///
/// # Errors
/// It cannot be run, or some answer differs.
pub(crate) fn run(options: &Options, out: &mut impl Write) -> Result<()> {
    let recording = Recording::load(&options.recording)?;
    let own = env!("CARGO_PKG_VERSION");
    if recording.recorded_by() != own {
        let other = recording.recorded_by();
        tracing::warn!("Fauxka {other} made the recording, and this is {own}: answers may differ");
    }
    let rerun = recording.rerun_until(options.until.unwrap_or_default())?;
    if options.journal {
        for row in rerun.journal() {
            let row = serde_json::to_value(&*row)?;
            if options.json {
                writeln!(out, "{row}")?;
            } else {
                write!(out, "{}", show::journal_row(&row))?;
            }
        }
    } else if options.until.is_some() {
        show_cluster(&rerun, out)?;
    }
    if let Some(why) = rerun.ended() {
        tracing::warn!("the recording ends before its cluster did: {why}");
    }
    if !rerun.is_whole() {
        tracing::warn!("the file has no end: its process was killed, or still runs");
    }
    if let Some(difference) = rerun.difference() {
        bail!("{difference}");
    }
    let elapsed = Duration::from_millis(u64::try_from(rerun.elapsed().as_millis())?);
    let elapsed = humantime::format_duration(elapsed);
    let (inputs, answers) = (rerun.inputs(), rerun.answers());
    if !options.json {
        writeln!(
            out,
            "{inputs} inputs in {elapsed}, {answers} answers as recorded"
        )?;
    }
    Ok(())
}

fn show_cluster(rerun: &Rerun, out: &mut impl Write) -> Result<()> {
    let mut section = |title: &str, rows: Json| -> Result<()> {
        let table = show::human(&rows);
        if !table.is_empty() {
            write!(out, "{title}\n{table}\n")?;
        }
        Ok(())
    };
    for topic in rerun.topics() {
        let title = format!("topic {}", topic.name);
        section(&title, serde_json::to_value(&topic.partitions)?)?;
    }
    section("groups", serde_json::to_value(rerun.groups())?)?;
    section("transactions", serde_json::to_value(rerun.transactions())?)
}
