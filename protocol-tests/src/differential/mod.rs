//! Sequences of requests from a seed, sent to two clusters: where do the answers differ?
//!
//! A sequence has a theme (`themes`), so that its requests meet in the same state. Bodies come from the definitions
//! (`bodies`), with values that mean something (`values`); what earlier answers gave out is filled in while it runs
//! (`memory`). What differs is made smaller (`shrink`).

mod batches;
mod bodies;
mod chance;
mod configs;
mod lists;
mod memory;
mod numbers;
mod run;
pub mod shrink;
mod streams;
pub mod themes;
mod values;

use serde_json::Value;

pub use run::{Told, run};

use crate::codec::schema;
use anyhow::Result;
use bodies::{Focus, Writer};
use chance::Chance;
use themes::Theme;

/// One request of a sequence.
#[derive(Debug, Clone)]
pub struct Step {
    /// The API.
    pub api: &'static str,
    /// Its version.
    pub version: i16,
    /// The body, with `$` names for what the run knows.
    pub body: Value,
    /// What it is about.
    focus: Focus,
}

/// How many requests follow the beginning, at most.
const STEPS: usize = 9;

/// The sequence of a seed.
///
/// # Errors
/// When a theme names a request that has no definition.
pub fn sequence(theme: &Theme, seed: u64) -> Result<Vec<Step>> {
    let mut chance = Chance::new(seed);
    let mut steps = Vec::new();
    let beginning = *chance.pick(theme.beginnings);
    // One sequence in three keeps to one member and one producer.
    let spread = if chance.percent(33) { 1 } else { 2 };
    let first = focus(&mut chance, spread);
    for api in beginning {
        let again = Focus {
            member: chance.below(spread),
            ..first
        };
        steps.push(step(theme, &mut chance, api, again, 0)?);
    }
    for _ in 0..=chance.below(STEPS) {
        let api = *chance.weighted(theme.apis);
        let about = if chance.percent(75) {
            Focus {
                member: chance.below(spread),
                ..first
            }
        } else {
            focus(&mut chance, 3)
        };
        let wildness = *chance.pick(&[0, 5, 10, 25]);
        steps.push(step(theme, &mut chance, api, about, wildness)?);
    }
    Ok(steps)
}

fn focus(chance: &mut Chance, spread: usize) -> Focus {
    Focus {
        topic: *chance.weighted(&[(8, 0), (3, 1), (1, 2)]),
        partition: chance.below(spread.min(2)),
        group: *chance.weighted(&[(4, 0), (1, 1)]),
        member: chance.below(spread),
        producer: *chance.weighted(&[(3, 0), (1, 1), (2, 2)]),
    }
}

fn step(
    theme: &Theme,
    chance: &mut Chance,
    api: &'static str,
    mut focus: Focus,
    wildness: usize,
) -> Result<Step> {
    let message = schema::message(&format!("{api}Request"))?;
    // What is offered ends before what the definitions know.
    let newest = if api == "InitProducerId" {
        5
    } else {
        message.valid.max
    };
    let oldest = message.valid.min;
    let version = if chance.percent(50) {
        newest
    } else {
        oldest + i16::try_from(chance.below(usize::try_from(newest - oldest)? + 1))?
    };
    match theme.name {
        "transactions" if focus.producer == 2 => focus.producer = 0,
        "offsets" => focus.producer = 0,
        "idempotence" if chance.percent(80) => focus.producer = 2,
        _ => {}
    }
    let mut writer = Writer {
        chance,
        api,
        version,
        focus,
        wildness,
        theme: theme.name,
    };
    let body = writer.body(message);
    Ok(Step {
        api,
        version,
        body,
        focus,
    })
}
