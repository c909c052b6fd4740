//! Runs cases against a target and compares what they say with what the oracle said.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use anyhow::{Context as _, Result};

use crate::case::Case;
use crate::clock;
use crate::context::Context;
use crate::embedded;
use crate::oracle;
use crate::target::Target;
use crate::transcripts;

/// What came of a case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// The transcript is the recorded one.
    Passed,
    /// The transcript was recorded.
    Recorded,
    /// It differs, on purpose, for this reason.
    Expected(String),
    /// It differs, or the case could not be completed.
    Failed(String),
    /// The target has not the cluster that the case needs.
    Skipped(String),
}

/// A case and what came of it.
#[derive(Debug)]
pub struct Finished {
    /// The case.
    pub case: Case,
    /// What came of it.
    pub outcome: Outcome,
    /// How long it took.
    pub took: Duration,
}

/// The differences on purpose: reasons by `area/case`.
#[must_use]
pub fn expected_differences() -> BTreeMap<String, String> {
    include_str!("../expected_differences.txt")
        .lines()
        .filter(|line| !line.starts_with('#'))
        .filter_map(|line| line.split_once('|'))
        .map(|(case, reason)| (case.trim().to_owned(), reason.trim().to_owned()))
        .collect()
}

/// Runs one case and judges it. A cluster of ours must do the same again; that of a case that fails stays recorded.
#[must_use]
pub fn judge(target: &Target, case: &Case) -> Outcome {
    let outcome = judge_once(target, case);
    if !matches!(target, Target::Embedded) {
        return outcome;
    }
    match outcome {
        Outcome::Failed(why) => {
            let place = embedded::settle(&case.id(), false);
            Outcome::Failed(why + &place.unwrap_or_default())
        }
        outcome => match embedded::settle(&case.id(), true) {
            Ok(_) => outcome,
            Err(error) => Outcome::Failed(format!("{error:#}\n")),
        },
    }
}

fn judge_once(target: &Target, case: &Case) -> Outcome {
    match transcript(target, case) {
        Err(error) => Outcome::Failed(format!("{error:#}\n")),
        Ok(None) => Outcome::Skipped(format!("needs the cluster {:?}", case.profile)),
        Ok(Some(actual)) => compare(target, case, &actual)
            .unwrap_or_else(|error| Outcome::Failed(error.to_string())),
    }
}

fn compare(target: &Target, case: &Case, actual: &str) -> Result<Outcome> {
    let recorded = transcripts::load(case.area)?;
    let Some(expected) = recorded.get(&case.name) else {
        return Ok(Outcome::Failed(format!(
            "nothing is recorded; this run said:\n{actual}"
        )));
    };
    let reason = expected_differences()
        .remove(&case.id())
        .filter(|_| !target.is_oracle());
    let same = expected == actual;
    Ok(match reason {
        None if same => Outcome::Passed,
        None => Outcome::Failed(transcripts::difference(expected, actual)),
        Some(_) if same => {
            Outcome::Failed("listed as a difference on purpose, but there is none\n".into())
        }
        Some(reason) => Outcome::Expected(reason),
    })
}

/// Runs a case; its transcript, or `None` when the target has no such cluster.
fn transcript(target: &Target, case: &Case) -> Result<Option<String>> {
    let Some(cluster) = target.cluster(case.profile, &case.id())? else {
        return Ok(None);
    };
    let mut context = Context::new(cluster)?;
    let done = (case.run)(&mut context);
    let transcript = context.transcript();
    drop(context);
    done.with_context(|| format!("so far:\n{transcript}failed"))?;
    if matches!(target, Target::Embedded) {
        embedded::rerun(&case.id())?;
    }
    Ok(Some(transcript))
}

/// Runs cases on several threads, those that must be alone after the others, and judges them.
#[must_use]
pub fn run_all(target: &Target, cases: &[Case], threads: usize) -> Vec<Finished> {
    let finished = each(cases, threads, |case| judge(target, case));
    finished
        .into_iter()
        .map(|(case, outcome, took)| Finished {
            case,
            outcome,
            took,
        })
        .collect()
}

/// Transcripts by area and case.
pub type Recorded = BTreeMap<(&'static str, String), String>;

/// Runs cases twice and keeps what they said where both runs said the same: a transcript that does not
/// repeat itself is worth nothing.
#[must_use]
pub fn record_all(target: &Target, cases: &[Case], threads: usize) -> (Vec<Finished>, Recorded) {
    let first = each(cases, threads, |case| transcript(target, case));
    clock::shift_base();
    let second = each(cases, threads, |case| transcript(target, case));
    let mut recorded = Recorded::new();
    let mut finished = Vec::new();
    for ((case, first, took), (_, second, _)) in first.into_iter().zip(second) {
        let outcome = match (first, second) {
            (Ok(Some(first)), Ok(Some(second))) if first == second => {
                recorded.insert((case.area, case.name.clone()), first);
                Outcome::Recorded
            }
            (Ok(Some(first)), Ok(Some(second))) => Outcome::Failed(format!(
                "two runs differ:\n{}",
                transcripts::difference(&first, &second)
            )),
            (Err(error), _) | (_, Err(error)) => Outcome::Failed(format!("{error:#}\n")),
            (Ok(None), _) | (_, Ok(None)) => {
                Outcome::Skipped(format!("needs the cluster {:?}", case.profile))
            }
        };
        finished.push(Finished {
            case,
            outcome,
            took,
        });
    }
    (finished, recorded)
}

/// Does something with each case; the results come in the order of the cases.
fn each<T: Send>(
    cases: &[Case],
    threads: usize,
    body: impl Fn(&Case) -> T + Sync,
) -> Vec<(Case, T, Duration)> {
    let done = Mutex::new(Vec::new());
    for alone in [false, true] {
        let next = AtomicUsize::new(0);
        let chosen: Vec<_> = cases
            .iter()
            .enumerate()
            .filter(|(_, case)| case.exclusive == alone)
            .collect();
        let work = || {
            while let Some((at, case)) = chosen.get(next.fetch_add(1, Ordering::Relaxed)) {
                let started = clock::now();
                let result = body(case);
                let took = clock::now() - started;
                if let Ok(mut done) = done.lock() {
                    done.push((*at, ((*case).clone(), result, took)));
                }
            }
        };
        std::thread::scope(|scope| {
            for _ in 0..if alone { 1 } else { threads.max(1) } {
                scope.spawn(work);
            }
        });
    }
    let mut done = done.into_inner().unwrap_or_default();
    done.sort_by_key(|(at, _)| *at);
    done.into_iter().map(|(_, result)| result).collect()
}

/// Writes what was recorded, and keeps what was not run. `all` is every case there is.
///
/// # Errors
/// When a file cannot be written.
pub fn store_recorded(version: &str, all: &[Case], recorded: &Recorded) -> Result<()> {
    let mut areas: Vec<_> = recorded.keys().map(|(area, _)| *area).collect();
    areas.dedup();
    let provenance = format!(
        "Apache Kafka {version}, recorded {} by `BLESS=oracle make oracle`",
        oracle::today()
    );
    for area in areas {
        let mut sections = transcripts::load(area)?;
        let fresh = recorded.iter().filter(|((of, _), _)| *of == area);
        sections.extend(fresh.map(|((_, name), body)| (name.clone(), body.clone())));
        let order: Vec<_> = all
            .iter()
            .filter(|case| case.area == area)
            .map(|case| case.name.clone())
            .collect();
        transcripts::store(area, &provenance, &order, &sections)?;
    }
    Ok(())
}
