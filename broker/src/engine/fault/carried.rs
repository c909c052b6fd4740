//! Rules with what has come of them, as a recording that begins in the middle carries them over. What they keep of
//! requests is not in it: anyone who waits is turned away before.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{FaultId, Faults, Mounted, Phase, Rule};
use crate::engine::ids::ConnectionId;
use crate::engine::rng::{Drawn, Rng};

/// All rules, and what rules know of clients.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct CarriedFaults {
    rules: Vec<CarriedRule>,
    last_id: FaultId,
    software: BTreeMap<ConnectionId, String>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct CarriedRule {
    id: FaultId,
    rule: Rule,
    place: Option<String>,
    matches: u64,
    hits: u64,
    phase: Phase,
    taken: u64,
    drawn: Drawn,
}

impl Faults {
    /// The rules, with what has come of them.
    pub(in crate::engine) fn carry(&self) -> CarriedFaults {
        let Self {
            rules,
            last_id,
            seed: _,
            // Anyone who waits has been turned away.
            kept: _,
            plans: _,
            // Named in the row of the request that it acted on, which is written.
            acted: _,
            curbed: _,
            software,
            news: _,
        } = self;
        CarriedFaults {
            rules: rules.iter().map(CarriedRule::of).collect(),
            last_id: *last_id,
            software: software.clone().into_iter().collect(),
        }
    }

    /// Puts rules into force that have a past.
    pub(in crate::engine) fn go_on_with(&mut self, carried: &CarriedFaults) {
        let CarriedFaults {
            rules,
            last_id,
            software,
        } = carried.clone();
        let seed = self.seed;
        self.rules = rules.into_iter().map(|rule| rule.mount(seed)).collect();
        self.last_id = last_id;
        self.software = software.into_iter().collect();
        self.changed();
    }

    /// Announces the rules of a cluster whose place this one takes as other ones.
    pub(in crate::engine) const fn follow(&mut self, before: &Self) {
        self.news = before.news;
        self.changed();
    }

    /// Nobody who mounted a rule is here any more.
    pub(crate) fn disown(&mut self) {
        for mounted in &mut self.rules {
            mounted.place = None;
        }
    }
}

impl CarriedRule {
    fn of(mounted: &Mounted) -> Self {
        let Mounted {
            id,
            rule,
            place,
            matches,
            hits,
            phase,
            taken,
            rng,
        } = mounted;
        Self {
            id: *id,
            rule: rule.clone(),
            place: place.clone(),
            matches: *matches,
            hits: *hits,
            phase: *phase,
            taken: *taken,
            drawn: rng.drawn(),
        }
    }

    fn mount(self, seed: u64) -> Mounted {
        Mounted {
            id: self.id,
            rule: self.rule,
            place: self.place,
            matches: self.matches,
            hits: self.hits,
            phase: self.phase,
            taken: self.taken,
            rng: Rng::left(seed, self.drawn),
        }
    }
}
