//! Starting over without a new process: what the cluster had at its start is there again, and nothing
//! else.
//!
//! Clients keep their connections, except for those that wait for an answer: these are closed, as by
//! a broker that restarts, so that no answer of the old cluster reaches anybody. Members of groups are told to join again. Topic ids and producer
//! ids are not given out again, so that nobody takes the new for the old; only the topics of a snapshot come back
//! as what they were. Time goes on, and a node that was
//! added or removed stays so.

#[cfg(test)]
mod tests;

use std::collections::BTreeSet;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::Engine;
use super::commands::CommandFailure;
use super::context::{ConnectionId, Effect, Effects};
use super::origin::{Origin, Unfounded};
use super::rng::Rng;
use super::snapshot::PreviousExtents;
use super::state::State;
use super::state_topic::{StatePlacement, StateTopic};
use super::time::Now;
use super::timers::Timers;

/// What those hear whose answer is not to come.
const REASON: &str = "the cluster was reset";

/// What a reset can be limited to.
///
/// ```
/// let broker = fauxka::Broker::builder().topic("orders", 1, 1).start_blocking()?;
/// use fauxka::reset::Kind;
///
/// broker.produce("orders").send()?;
/// broker.reset_only_blocking(&[Kind::Topics, Kind::Journal])?;
/// assert!(broker.partition("orders", 0).records()?.is_empty());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "control", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Kind {
    /// Topics and their records; Kafka's own topics stay.
    Topics,
    /// Groups and committed offsets.
    Groups,
    /// Transactional ids; open transactions are aborted.
    Transactions,
    /// Settings that were changed, of brokers, groups and client metrics subscriptions, quotas and ACLs.
    Configs,
    /// Fault rules. What they keep goes on.
    Faults,
    /// The journal's rows. New rows go on with the next number.
    Journal,
}

impl Engine {
    /// Makes the cluster what it was at its start.
    ///
    /// # Errors
    /// Something that was there from the start cannot be made again, since nodes were removed.
    pub(super) fn reset(&mut self, now: Now, effects: &mut Effects) -> Result<(), CommandFailure> {
        let members = self.dismiss_members(now, effects);
        self.turn_away_all(now, REASON, effects);
        let known = PreviousExtents::of(&self.state.cluster);
        self.passage.forget_all();
        self.state.forget_told();
        self.state.sasl.forget_users();
        self.state.policies = Default::default();
        self.state.register_all(now);
        self.start_over(now);
        let origin = Arc::clone(&self.state.origin);
        let made = self.make_all(now, &origin, &known, effects);
        self.state.ready_for_members(now, members);
        made.map_err(refused)
    }

    /// Makes some of it what it was at the start; the rest stays.
    ///
    /// # Errors
    /// Something that was there from the start cannot be made again, since nodes were removed.
    pub(super) fn reset_only(
        &mut self,
        now: Now,
        kinds: &[Kind],
        effects: &mut Effects,
    ) -> Result<(), CommandFailure> {
        let origin = Arc::clone(&self.state.origin);
        self.state.publish_topics(now);
        let known = PreviousExtents::of(&self.state.cluster);
        let is_meant = |kind| kinds.contains(&kind);
        if is_meant(Kind::Faults) {
            self.heal(now, effects);
            self.passage.forget_rules();
        }
        if is_meant(Kind::Transactions) {
            self.state.abort_open_transactions(now);
            self.state
                .delete_topic(now, StateTopic::Transactions.name());
        }
        // Where members are in a topic is where they were in what it was before.
        let members = if is_meant(Kind::Groups) || is_meant(Kind::Topics) {
            self.dismiss_members(now, effects)
        } else {
            None
        };
        if is_meant(Kind::Groups) {
            self.state.delete_topic(now, StateTopic::Groups.name());
            self.state.delete_topic(now, StateTopic::Shares.name());
            self.turn_away_askers(now, effects);
            self.state.forget_shares();
            self.state.forget_errands();
        }
        if is_meant(Kind::Topics) {
            self.forget_topics(now, effects);
        }
        if is_meant(Kind::Configs) {
            self.state.forget_settings(now);
        }
        // What waits for what is gone hears so before it is there again.
        self.finish(now, effects);
        let made = self.make_again(now, (&origin, &known), kinds, effects);
        self.state.ready_for_members(now, members);
        if is_meant(Kind::Journal) {
            self.finish(now, effects);
            self.passage.journal.clear();
        }
        made.map_err(refused)
    }

    fn make_again(
        &mut self,
        now: Now,
        (origin, known): (&Origin, &PreviousExtents),
        kinds: &[Kind],
        effects: &mut Effects,
    ) -> Result<(), Unfounded> {
        if let Some(snapshot) = &origin.snapshot {
            snapshot.make(|snapshot| self.state.take_again(now, snapshot, kinds, known))?;
        }
        if kinds.contains(&Kind::Configs) {
            self.state.make_acls(origin)?;
        }
        self.state.make_topics(now, origin)?;
        if kinds.contains(&Kind::Topics) {
            self.make_records(now, origin, effects)?;
        }
        if kinds.contains(&Kind::Groups) {
            self.make_commits(now, origin, effects)?;
        }
        if kinds.contains(&Kind::Faults) {
            self.make_faults(origin)?;
        }
        Ok(())
    }

    /// Deletes every topic but Kafka's own.
    fn forget_topics(&mut self, now: Now, effects: &mut Effects) {
        // Their records are written already, so these would wait for what is gone.
        let tickets = self.state.replicating.keys();
        let parked = &self.passage.parked;
        let waiting = tickets.filter_map(|ticket| parked.get(*ticket));
        let waiting = waiting.map(|row| row.call.connection).collect();
        self.turn_away(now, waiting, REASON, effects);
        self.state.forget_topics(now);
    }

    /// Closes the connections whose requests wait for the share coordinator, which is about to forget what they asked.
    fn turn_away_askers(&mut self, now: Now, effects: &mut Effects) {
        let tickets = self.state.shares.askers();
        let parked = &self.passage.parked;
        let waiting = tickets.filter_map(|ticket| parked.get(ticket));
        let waiting = waiting.map(|row| row.call.connection).collect();
        self.turn_away(now, waiting, REASON, effects);
    }

    /// Sends the members of all groups away; those that wait for their group are told so.
    pub(super) fn dismiss_members(
        &mut self,
        now: Now,
        effects: &mut Effects,
    ) -> Option<StatePlacement> {
        let dismissed = self.state.dismiss_members(now);
        self.passage.deliver(now, &mut self.state.outbox);
        self.passage.answer_held(&self.state, now, effects);
        self.write_down(now, effects);
        dismissed.then(|| self.state.placement_of(StateTopic::Groups))?
    }

    /// Closes every connection that waits for an answer.
    pub(super) fn turn_away_all(&mut self, now: Now, reason: &str, effects: &mut Effects) {
        let waiting = self.passage.waiting();
        self.turn_away(now, waiting, reason, effects);
    }

    fn turn_away(
        &mut self,
        now: Now,
        waiting: BTreeSet<ConnectionId>,
        reason: &str,
        effects: &mut Effects,
    ) {
        let mut closes = Effects::default();
        for connection in waiting {
            let reason = reason.to_owned();
            closes.0.push(Effect::Close { connection, reason });
        }
        self.write_down(now, &closes);
        for effect in &closes.0 {
            if let Effect::Close { connection, .. } = effect {
                self.forget(*connection);
            }
        }
        effects.0.append(&mut closes.0);
    }

    /// Forgets everything that the cluster came to be, and what waits for it. Rules and the journal stay.
    pub(super) fn start_over(&mut self, now: Now) {
        self.passage.deliver(now, &mut self.state.outbox);
        self.passage.start_over();
        self.state.start_over(now);
    }
}

impl State {
    /// Gives groups their coordinators again where members of before will look for them, so that these are told at
    /// once to join again, and need not find a coordinator first.
    pub(super) fn ready_for_members(&mut self, now: Now, coordinators: Option<StatePlacement>) {
        if let Some(placement) = coordinators {
            self.place_state_topic(now, StateTopic::Groups, placement);
        }
    }

    /// Deletes every topic but Kafka's own.
    fn forget_topics(&mut self, now: Now) {
        let all = self.cluster.topics().filter(|topic| !topic.internal);
        let all: Vec<_> = all.map(|topic| topic.name.clone()).collect();
        for name in all {
            self.delete_topic(now, &name);
        }
    }

    /// Forgets the settings that were changed, quotas and ACLs.
    fn forget_settings(&mut self, now: Now) {
        self.configs.forget_changes();
        self.quotas = Default::default();
        self.authorizer.set_acls(&[]);
        self.settings_changed(now);
    }

    /// Forgets everything that the cluster came to be. If you add a field, decide here what a reset does to it.
    fn start_over(&mut self, now: Now) {
        let Self {
            cluster,
            configs,
            features,
            release: _,
            telemetry,
            fetch_sessions,
            rng,
            sasl: _,
            authorizer,
            tokens,
            policies: _,
            auto_create_delay: _,
            seed,
            resets,
            origin: _,
            listeners: _,
            endpoints: _,
            expired_certificates,
            keys_refused: _,
            timers,
            chore_intervals,
            replicating,
            coordinators,
            quotas,
            groups,
            shares,
            #[cfg(test)]
            group_notes,
            producer_ids: _,
            transactions,
            reassignments,
            log_bytes,
            looked_for_room,
            log_dirs,
            max_log_bytes: _,
            stale_metadata,
            journaled_topics: _,
            outbox,
        } = self;
        cluster.forget_topics();
        cluster.set_observers(&[]);
        configs.forget_changes();
        authorizer.set_acls(&[]);
        tokens.set(&[]);
        features.start_over();
        *telemetry = Default::default();
        *fetch_sessions = Default::default();
        *resets = resets.saturating_add(1);
        // What follows depends on the seed and the number of resets, not on what was before.
        *rng = Rng::stream(*seed, u64::MAX.saturating_sub(*resets));
        *timers = Timers::new();
        chore_intervals.clear();
        replicating.clear();
        *coordinators = Default::default();
        *quotas = Default::default();
        groups.start_over();
        *shares = Default::default();
        #[cfg(test)]
        group_notes.clear();
        *transactions = Default::default();
        *reassignments = Default::default();
        *log_bytes = 0;
        *looked_for_room = None;
        *log_dirs = Default::default();
        *expired_certificates = Default::default();
        *stale_metadata = None;
        // Nobody waits any more.
        outbox.note_wakes(false);
        self.schedule_chores(now);
        #[cfg(feature = "oauth")]
        self.plan_key_sets(now);
    }
}

fn refused(why: Unfounded) -> CommandFailure {
    CommandFailure::Impossible(why.to_string())
}
