//! Recording a cluster that has a past.
//!
//! When a recording begins, the cluster becomes one that can be made from what the file says: its own snapshot is put
//! into a new engine, and with it what a snapshot has not and answers depend on. A rerun makes that engine by the
//! same function, so the two are the same by construction, and if you add a field to the engine, decide
//! here whether it is carried over. To clients it is a restart of every coordinator: anyone who waits for an answer is
//! disconnected, members that were written down have their whole session again.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::head::Head;
use super::hide;
use crate::engine::Engine;
use crate::engine::authorizer::policy::{KeptPolicy, Policies};
use crate::engine::certificates::ExpiredCertificates;
use crate::engine::cluster::Membership;
use crate::engine::commands::CommandFailure;
use crate::engine::commands::metadata::StaleMetadata;
use crate::engine::context::{Effect, Effects};
use crate::engine::fault::CarriedFaults;
use crate::engine::group::CarriedMember;
use crate::engine::ids::ConnectionId;
use crate::engine::journal::{CarriedJournal, JournalSettings};
use crate::engine::listeners::{ListenerId, NodeAddress};
use crate::engine::origin::Origin;
use crate::engine::passage::{CarriedHeard, CarriedMute};
use crate::engine::rng::{Drawn, Rng};
use crate::engine::sasl::CarriedSasl;
use crate::engine::settings::{NodeSettings, Settings};
use crate::engine::snapshot::{PreviousExtents, Snapshot};
use crate::engine::state::State;
use crate::engine::time::Now;

/// What those hear whose answer is not to come.
const REASON: &str = "a recording of the cluster begins";

/// What a cluster with a past was when its recording began.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Carried {
    snapshot: Snapshot,
    membership: Membership,
    /// How often the cluster had started over by then.
    resets: u64,
    chance: Drawn,
    last_ticket: u64,
    stale_metadata: Option<StaleMetadata>,
    /// The addresses that a command has set.
    #[serde(default)]
    advertised: Vec<NodeAddress>,
    faults: CarriedFaults,
    mutes: Vec<CarriedMute>,
    #[serde(default)]
    heard: CarriedHeard,
    sasl: CarriedSasl,
    #[serde(default)]
    policies: Vec<KeptPolicy>,
    /// Who came by another listener than the first.
    #[serde(default)]
    listeners: BTreeMap<ConnectionId, ListenerId>,
    #[serde(default)]
    expired_certificates: ExpiredCertificates,
    /// Whom resets and restores have sent away, and who has not joined since.
    #[serde(default)]
    former_members: Vec<CarriedMember>,
    journal: CarriedJournal,
}

impl Engine {
    /// Asks whether a recording can begin with the cluster as it is.
    ///
    /// # Errors
    /// It is in a state that cannot be written down.
    pub(crate) fn can_be_recorded(&self) -> Result<(), CommandFailure> {
        if self.state.coordinators.holds_loads() {
            let why = "a coordinator's load is held, which a recording cannot begin with: release it first";
            return Err(CommandFailure::Impossible(why.to_owned()));
        }
        Ok(())
    }

    /// Makes the cluster one that a recording can begin with, and says which.
    ///
    /// # Errors
    /// It is in a state that cannot be written down.
    pub(crate) fn begin_recording(
        &mut self,
        now: Now,
        effects: &mut Effects,
    ) -> Result<Head, CommandFailure> {
        self.can_be_recorded()?;
        self.turn_away_all(now, REASON, effects);
        for connection in self.state.sasl.end_exchanges() {
            let reason = REASON.to_owned();
            effects.0.push(Effect::Close { connection, reason });
        }
        let carried = self.carry(now);
        let settings = self.settings();
        let release = self.state.release.as_ref();
        let as_version = release.map(|release| release.name());
        let head = Head::of(&settings, as_version, &self.state.origin, now);
        let next = Self::resume(settings, &self.state.origin, now, &carried)?;
        let mut before = std::mem::replace(self, next);
        self.follow(&mut before);
        if self.checks_invariants {
            self.assert_sound();
        }
        Ok(head.with(carried.without_passwords()))
    }

    /// What a recording would begin with, of a cluster in which nobody waits for anything.
    #[cfg(test)]
    pub(in crate::engine) fn head(&self, now: Now) -> Head {
        Head::of(&self.settings(), None, &self.state.origin, now).with(self.carry(now))
    }

    /// Makes a cluster that goes on from there.
    ///
    /// # Errors
    /// The snapshot is of another cluster.
    pub(super) fn resume(
        settings: Settings,
        origin: &Origin,
        now: Now,
        carried: &Carried,
    ) -> Result<Self, CommandFailure> {
        let mut engine = Self::new(settings, now);
        engine.state.resume(origin, now, carried)?;
        let passage = &mut engine.passage;
        passage.last_ticket = carried.last_ticket;
        passage.faults.go_on_with(&carried.faults);
        passage.go_on_muting(&carried.mutes);
        passage.heard.go_on_with(&carried.heard);
        // Nobody waits for anything.
        engine.finish(now, &mut Effects::default());
        engine.passage.journal.go_on_with(&carried.journal);
        engine.state.tell_recorded();
        engine.write_down(now, &Effects::default());
        Ok(engine)
    }

    /// What it was started with, and the nodes that there are by now.
    fn settings(&self) -> Settings {
        Settings {
            journal: self.passage.journal.settings(),
            check_invariants: self.checks_invariants,
            ..self.state.settings()
        }
    }

    fn carry(&self, now: Now) -> Carried {
        let Self {
            state,
            passage,
            checks_invariants: _,
        } = self;
        let State {
            cluster,
            sasl,
            policies,
            resets,
            rng,
            stale_metadata,
            groups,
            // What the snapshot says, and what follows from it.
            configs: _,
            features: _,
            quotas: _,
            authorizer: _,
            tokens: _,
            producer_ids: _,
            transactions: _,
            shares: _,
            coordinators: _,
            reassignments: _,
            timers: _,
            chore_intervals: _,
            log_bytes: _,
            looked_for_room: _,
            log_dirs: _,
            // What lives in a broker's memory and ends with it.
            telemetry: _,
            fetch_sessions: _,
            // Anyone who waits has been turned away, and everything told.
            replicating: _,
            journaled_topics: _,
            outbox: _,
            // What the cluster was started with.
            release: _,
            origin: _,
            listeners,
            expired_certificates,
            keys_refused: _,
            endpoints: _, // but for what was advertised since
            max_log_bytes: _,
            auto_create_delay: _,
            seed: _,
            #[cfg(test)]
                group_notes: _,
        } = state;
        Carried {
            snapshot: state.snapshot(now),
            membership: cluster.membership().clone(),
            resets: *resets,
            chance: rng.drawn(),
            last_ticket: passage.last_ticket,
            stale_metadata: stale_metadata.clone(),
            advertised: state.advertised(),
            faults: passage.faults.carry(),
            mutes: passage.carry_mutes(),
            heard: passage.heard.carry(),
            sasl: sasl.carry(),
            policies: policies.keep(),
            listeners: listeners.carry().clone(),
            expired_certificates: expired_certificates.clone(),
            former_members: groups.former.carry(),
            journal: passage.journal.carry(),
        }
    }

    /// Takes what nobody's answers depend on, and what is never written down, from the engine whose place it takes.
    fn follow(&mut self, before: &mut Self) {
        std::mem::swap(&mut self.state.sasl, &mut before.state.sasl);
        #[cfg(test)]
        std::mem::swap(&mut self.state.group_notes, &mut before.state.group_notes);
        let (passage, before) = (&mut self.passage, &mut before.passage);
        std::mem::swap(&mut passage.warnings, &mut before.warnings);
        passage.journal.follow(&mut before.journal);
        passage.faults.follow(&before.faults);
    }
}

impl State {
    fn resume(
        &mut self,
        origin: &Origin,
        now: Now,
        carried: &Carried,
    ) -> Result<(), CommandFailure> {
        self.origin = origin.clone().into();
        self.resets = carried.resets;
        self.rng = Rng::left(self.seed, carried.chance);
        self.cluster.set_membership(carried.membership.clone());
        self.begin_from(now, &carried.snapshot, &PreviousExtents::default())?;
        self.stale_metadata.clone_from(&carried.stale_metadata);
        self.go_on_advertising(&carried.advertised);
        self.sasl.go_on_with(&carried.sasl);
        self.policies = Policies::of(&carried.policies);
        self.listeners.go_on_with(&carried.listeners);
        self.expired_certificates
            .clone_from(&carried.expired_certificates);
        self.groups.former.go_on_with(&carried.former_members);
        Ok(())
    }

    fn settings(&self) -> Settings {
        let node = |id| NodeSettings {
            id,
            rack: self.cluster.rack_of_any(id),
            own: self.configs.own(id),
        };
        let ids = self.cluster.all_ids();
        let places = ids.iter().flat_map(|id| self.endpoints.bound(*id));
        Settings {
            places: places.collect(),
            nodes: ids.iter().copied().map(node).collect(),
            fixed: self.configs.fixed().clone(),
            seed: self.seed,
            max_log_bytes: self.max_log_bytes,
            listeners: self.listeners.all().to_vec(),
            msk: Some(self.sasl.aws.place.clone()),
            oauth: self.sasl.oauth.clone(),
            // Validators are taken over as they are.
            jwks: BTreeMap::new(),
            // The passage's.
            journal: JournalSettings::default(),
            release: self.release.clone(),
            auto_create_delay: self.auto_create_delay,
            check_invariants: false,
        }
    }
}

impl Carried {
    fn without_passwords(mut self) -> Self {
        self.snapshot = hide::snapshot(&self.snapshot);
        self
    }
}
