//! Sends the same sequences of requests to Apache Kafka and to an embedded Fauxka, and shows where they differ.
//!
//! A difference is shown when it is there twice. Not all of them are Fauxka's: Kafka's own answers may depend on time, on
//! where it placed replicas, or on what earlier sequences left behind. `broker/SKIPPED.md` says what differs on purpose.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use anyhow::{Context as _, Result};
use clap::Parser;
use protocol_tests::clock;
use protocol_tests::differential::shrink::{first_difference, smallest};
use protocol_tests::differential::themes::{THEMES, Theme};
use protocol_tests::differential::{Step, Told, run, sequence};
use protocol_tests::embedded;
use protocol_tests::oracle::Oracle;
use protocol_tests::target::Target;
use protocol_tests::transcripts;

/// Sends the same sequences of requests to Apache Kafka and to Fauxka.
#[derive(Parser)]
struct Options {
    /// The folder of Kafka's jars.
    #[arg(long, default_value = "target/oracle/libs")]
    oracle: PathBuf,
    /// Where the oracle keeps its state while it runs.
    #[arg(long, default_value = "target/oracle/run")]
    run: PathBuf,
    /// The first seed.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// How many sequences of each theme.
    #[arg(long, default_value_t = 100)]
    cases: u64,
    /// Only these themes.
    #[arg(long)]
    theme: Vec<String>,
    /// How many differences of a kind are made smaller and shown.
    #[arg(long, default_value_t = 1)]
    show: usize,
    /// How many sequences run at once.
    #[arg(long, default_value_t = 3)]
    threads: usize,
    /// No sequence starts later than this.
    #[arg(long, default_value_t = 3600)]
    seconds: u64,
}

struct Pair {
    oracle: Target,
}

impl Pair {
    fn told(&self, theme: &Theme, steps: &[Step]) -> Result<(Told, Told)> {
        let kafka = self
            .oracle
            .cluster(theme.profile, "")?
            .context("an oracle")?;
        let expected = run(&kafka, steps, true)?;
        let fauxka = Arc::new(embedded::start(theme.profile, None)?);
        let actual = run(&fauxka, steps, false)?;
        Ok((expected, actual))
    }

    fn difference(&self, theme: &Theme, steps: &[Step]) -> Result<Option<(usize, String)>> {
        let (expected, actual) = self.told(theme, steps)?;
        let Some(at) = first_difference(&expected, &actual) else {
            return Ok(None);
        };
        let there = expected.get(at).map_or("", String::as_str);
        let what = transcripts::difference(there, actual.get(at).map_or("", String::as_str));
        let before: String = expected.iter().take(at).map(String::as_str).collect();
        let request = there.split_inclusive("< ").next().unwrap_or_default();
        Ok(Some((at, format!("{before}{request}\n{what}"))))
    }
}

fn main() -> Result<ExitCode> {
    let options = Options::parse();
    let oracle = Oracle::new(&options.oracle, &options.run)?;
    let pair = Pair {
        oracle: Target::Oracle(oracle, Mutex::new(BTreeMap::new())),
    };
    let kinds = Mutex::new(BTreeMap::new());
    let deadline = clock::now() + Duration::from_secs(options.seconds);
    for theme in THEMES {
        if !options.theme.is_empty() && !options.theme.iter().any(|name| name == theme.name) {
            continue;
        }
        let next = AtomicU64::new(options.seed);
        let (done, differing) = (AtomicU64::new(0), AtomicU64::new(0));
        let work = || {
            loop {
                let seed = next.fetch_add(1, Ordering::Relaxed);
                if seed >= options.seed + options.cases || clock::now() > deadline {
                    return;
                }
                match one(&pair, theme, seed, &kinds, options.show) {
                    Ok(differs) => {
                        done.fetch_add(1, Ordering::Relaxed);
                        differing.fetch_add(u64::from(differs), Ordering::Relaxed);
                    }
                    Err(error) => say(&format!("{} {seed}: {error:#}\n", theme.name)),
                }
            }
        };
        std::thread::scope(|scope| {
            for _ in 0..options.threads {
                scope.spawn(work);
            }
        });
        let (done, differing) = (done.into_inner(), differing.into_inner());
        say(&format!(
            "== {}: {done} sequences, {differing} differ\n",
            theme.name
        ));
    }
    let kinds = kinds.into_inner().unwrap_or_default();
    for (kind, count) in &kinds {
        say(&format!("{count:5} {kind}\n"));
    }
    Ok(if kinds.is_empty() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

/// How often each kind of difference was seen.
type Kinds = Mutex<BTreeMap<String, usize>>;

/// Whether the sequence of a seed differs, both times that it is run.
fn one(pair: &Pair, theme: &Theme, seed: u64, kinds: &Kinds, show: usize) -> Result<bool> {
    let mut steps = sequence(theme, seed)?;
    let Some((at, _)) = pair.difference(theme, &steps)? else {
        return Ok(false);
    };
    let Some((again, what)) = pair.difference(theme, &steps)? else {
        return Ok(false);
    };
    steps.truncate(at.max(again) + 1);
    let kind = kind(&steps, &what);
    let count = kinds.lock().map_or(0, |mut kinds| {
        let count = kinds.entry(kind.clone()).or_default();
        *count += 1;
        *count
    });
    if count > show {
        return Ok(true);
    }
    let steps = smallest(steps, |fewer| {
        Ok(pair.difference(theme, fewer).ok().flatten().is_some())
    })?;
    let shown = pair
        .difference(theme, &steps)?
        .map_or(what, |(_, what)| what);
    say(&format!("-- {} {seed}: {kind}\n{shown}\n", theme.name));
    Ok(true)
}

/// What a difference is called, so that one like it need not be looked at again.
fn kind(steps: &[Step], what: &str) -> String {
    let api = steps.last().map_or("", |step| step.api);
    let line = |mark: &str| {
        what.lines()
            .find(|line| line.starts_with(mark))
            .unwrap_or_default()
    };
    let short = |line: &str| -> String {
        line.chars()
            .filter(|c| !c.is_ascii_digit())
            .take(100)
            .collect()
    };
    format!("{api} {} | {}", short(line("  -")), short(line("  +")))
}

#[expect(clippy::print_stdout, reason = "the report is this program's output")]
fn say(text: &str) {
    print!("{text}");
    let _shown = std::io::stdout().flush();
}
