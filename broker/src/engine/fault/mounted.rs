//! A rule that is in force: what it says, and how often it has acted.

use std::fmt;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::rule::{Action, Rule};
use super::values::Delay;
pub(crate) use crate::engine::ids::FaultId;
use crate::engine::rng::Rng;

/// Whether a rule still acts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Phase {
    Active,
    /// It has acted as often as it may; what it began goes on.
    Spent,
    /// It was released or healed: what it began is over.
    Ended,
}

/// A rule that is in force.
#[derive(Debug)]
pub(crate) struct Mounted {
    pub(crate) id: FaultId,
    pub(crate) rule: Rule,
    /// Where the program mounted it.
    pub(crate) place: Option<String>,
    /// How many requests it was about.
    pub(crate) matches: u64,
    /// On how many of them it acted.
    pub(crate) hits: u64,
    pub(crate) phase: Phase,
    /// How many connections a rule about bytes has taken.
    pub(super) taken: u64,
    /// Its own chance, so that no rule changes another's.
    pub(super) rng: Rng,
}

impl Mounted {
    pub(crate) fn new(id: FaultId, rule: Rule, place: Option<String>, seed: u64) -> Self {
        Self {
            id,
            rule,
            place,
            matches: 0,
            hits: 0,
            phase: Phase::Active,
            taken: 0,
            rng: Rng::stream(seed, id.0),
        }
    }

    /// Counts a request that the rule is about, and says what to do to it: nothing, observe, or act.
    pub(crate) fn meet(&mut self) -> Turn {
        self.matches = self.matches.saturating_add(1);
        if !self.is_due() {
            return Turn::Passed;
        }
        self.hits = self.hits.saturating_add(1);
        if self.rule.limit().is_some_and(|limit| self.hits >= limit) {
            self.phase = Phase::Spent;
        }
        match self.rule.action(self.hits) {
            Some(action) => Turn::Acts(action.clone()),
            None => Turn::Observed,
        }
    }

    /// Counts a connection that a rule about bytes could be about, and says whether it takes it. It acts
    /// when bytes pass, which is counted apart.
    pub(super) fn takes_connection(&mut self) -> bool {
        self.matches = self.matches.saturating_add(1);
        let takes = self.phase == Phase::Active && self.is_due();
        if takes {
            self.taken = self.taken.saturating_add(1);
            if self.rule.limit().is_some_and(|limit| self.taken >= limit) {
                self.phase = Phase::Spent;
            }
        }
        takes
    }

    fn is_due(&mut self) -> bool {
        let rule = &self.rule;
        let Some(later) = self.matches.checked_sub(rule.nth.unwrap_or(1)) else {
            return false;
        };
        let turn = match (rule.nth, rule.every) {
            (_, None | Some(0)) => true,
            (Some(_), Some(every)) => later.checked_rem(every) == Some(0),
            (None, Some(every)) => self.matches.checked_rem(every) == Some(0),
        };
        turn && rule.probability.is_none_or(|p| self.rng.happens(p))
    }

    /// How long to wait this time.
    pub(crate) fn wait(&mut self, delay: Delay) -> Duration {
        delay.draw(&mut self.rng)
    }

    /// What it is called in messages.
    pub(crate) fn title(&self) -> String {
        let name = self.rule.name.as_ref();
        name.map_or_else(
            || format!("fault rule {}", self.id.0),
            |name| format!("fault rule {} ({name})", self.id.0),
        )
    }

    /// What it is, and what it has done.
    pub(crate) fn told(&self) -> String {
        let state = match self.phase {
            Phase::Active => "active",
            Phase::Spent => "spent",
            Phase::Ended => "ended",
        };
        format!(
            "{}, {state}: acted {} times on {} requests: {}",
            self.title(),
            self.hits,
            self.matches,
            self.rule.to_json(),
        )
    }

    /// What it should have done and has not.
    pub(crate) fn unmet(&self) -> Option<Unmet> {
        let expected = self.rule.expect?;
        if expected.holds(self.hits) {
            return None;
        }
        let place = self.place.as_ref();
        let place = place.map_or_else(String::new, |place| format!(", mounted at {place}"));
        Some(Unmet {
            is_from_program: self.place.is_some(),
            words: format!(
                "{}{place}: expected to act {expected} times, acted {} times on {} requests: {}",
                self.title(),
                self.hits,
                self.matches,
                self.rule.to_json(),
            ),
        })
    }
}

/// An expectation that did not come true.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Unmet {
    /// A program mounted the rule, at a line of its own.
    pub(crate) is_from_program: bool,
    words: String,
}

impl fmt::Display for Unmet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.words)
    }
}

/// What a rule does about a request that it is about.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Turn {
    /// It is not this one's turn.
    Passed,
    Observed,
    Acts(Action),
}
