//! Runs the conformance suite against any broker, or against Apache Kafka to compare or record.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::{Arc, Mutex};

use anyhow::{Result, bail};
use clap::{Parser, ValueEnum};
use protocol_tests::ahead::{Ahead, ahead};
use protocol_tests::cluster::Cluster;
use protocol_tests::oracle::Oracle;
use protocol_tests::runner::{self, Finished, Outcome};
use protocol_tests::target::Target;
use protocol_tests::{cases, report};

/// Runs the conformance suite and reports by area.
#[derive(Parser)]
struct Options {
    /// The broker to ask; without it (and without --oracle) an embedded Fauxka.
    #[arg(long)]
    bootstrap: Option<String>,
    /// Start Apache Kafka from this folder of jars and ask it.
    #[arg(long, conflicts_with = "bootstrap")]
    oracle: Option<PathBuf>,
    /// Start this program for each case, and ask it.
    #[arg(long, conflicts_with_all = ["bootstrap", "oracle"])]
    program: Option<PathBuf>,
    /// Record the transcripts. Only what Apache Kafka says is ever recorded.
    #[arg(long, requires = "oracle")]
    record: bool,
    /// Only cases whose `area/name` contains one of these.
    #[arg(long)]
    filter: Vec<String>,
    /// Only cases that ahead.txt lists: which of them pass by now?
    #[arg(long)]
    ahead: bool,
    /// How to report.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
    /// Name the cases and do nothing.
    #[arg(long)]
    list: bool,
    /// How many cases run at once.
    #[arg(long, default_value_t = 4)]
    threads: usize,
    /// Where the oracle keeps its state while it runs.
    #[arg(long, default_value = "target/oracle/run")]
    run: PathBuf,
}

#[derive(Clone, Copy, ValueEnum)]
enum Format {
    Text,
    Json,
    Junit,
}

fn main() -> Result<ExitCode> {
    let options = Options::parse();
    let all = cases::all();
    let wanted = |id: &str| {
        options.filter.is_empty() || options.filter.iter().any(|part| id.contains(part.as_str()))
    };
    let ahead = ahead();
    let mut chosen: Vec<_> = all
        .iter()
        .filter(|case| wanted(&case.id()) && (!options.ahead || ahead.lists(&case.id())))
        .cloned()
        .collect();
    if options.list {
        say(&chosen
            .iter()
            .map(|case| case.id() + "\n")
            .collect::<String>());
        return Ok(ExitCode::SUCCESS);
    }
    if chosen.is_empty() {
        bail!("no case matches");
    }
    let embedded = options.bootstrap.is_none() && options.oracle.is_none();
    let before = chosen.len();
    if embedded && options.filter.is_empty() && !options.ahead {
        chosen.retain(|case| !ahead.lists(&case.id()));
    }
    let left_out = before - chosen.len();
    let mut version = String::new();
    let target = match (&options.bootstrap, &options.oracle) {
        (Some(bootstrap), _) => Target::Address(Arc::new(Cluster::discover(bootstrap)?)),
        (None, Some(libs)) => {
            let oracle = Oracle::new(libs, &options.run)?;
            version.clone_from(&oracle.version);
            Target::Oracle(oracle, Mutex::new(BTreeMap::new()))
        }
        (None, None) => options
            .program
            .clone()
            .map_or(Target::Embedded, Target::Program),
    };
    let finished = if options.record {
        let (finished, recorded) = runner::record_all(&target, &chosen, options.threads);
        runner::store_recorded(&version, &all, &recorded)?;
        finished
    } else {
        runner::run_all(&target, &chosen, options.threads)
    };
    say(&match options.format {
        Format::Text => text(&finished, &ahead, left_out, embedded),
        Format::Json => format!("{:#}\n", report::json(&finished)),
        Format::Junit => report::junit(&finished),
    });
    let failed = finished
        .iter()
        .any(|done| matches!(done.outcome, Outcome::Failed(_)));
    Ok(if failed {
        ExitCode::FAILURE
    } else {
        ExitCode::SUCCESS
    })
}

fn text(finished: &[Finished], ahead: &Ahead, left_out: usize, embedded: bool) -> String {
    let mut text = report::text(finished);
    if left_out > 0 {
        text += &format!("\nleft out, recorded ahead of the broker (ahead.txt): {left_out}\n");
    }
    if embedded {
        text += &ahead.overtaken(finished);
    }
    text
}

#[expect(clippy::print_stdout, reason = "the report is this program's output")]
fn say(text: &str) {
    print!("{text}");
}
