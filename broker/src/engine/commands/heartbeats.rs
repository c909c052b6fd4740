//! The heartbeats of clients that live, while a test lets time pass faster than they can send them.
//!
//! Clients keep their own clocks, so a minute that passes in an instant would look like a minute of silence. In the place
//! of their heartbeats the sessions of all members are renewed whose clients could send some. A rebalance that such time
//! begins waits for them, since they hear of it only in real time.

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::engine::Engine;
use crate::engine::fault::{Heartbeats, Pattern};
use crate::engine::group::Group;
use crate::engine::group::beating::Beating;
use crate::engine::group::coordinator;
use crate::engine::group::turn::{GroupTimer, GroupTimerKind};
use crate::engine::state::StateTimer;
use crate::engine::time::Now;
use crate::wire::names::nearest;
use crate::wire::units::{NodeId, WallMillis};

/// Time that a test lets pass, and who is dead meanwhile.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Passing {
    /// When it began.
    pub(crate) since: WallMillis,
    /// Clients that send nothing, by client id.
    pub(crate) silent: Vec<Pattern>,
    /// Nodes that stand still, so that nothing reaches them.
    pub(crate) paused: Vec<NodeId>,
}

/// The timers that do not fire while clients live, and how long each lasts from now on.
pub(in crate::engine) type Living = BTreeMap<GroupTimer, Duration>;

impl Engine {
    /// Takes it that all clients that live have sent their heartbeats just now.
    pub(super) fn heartbeats(&mut self, now: Now, passing: &Passing) {
        for (timer, wait) in self.living(passing) {
            let at = now.plus(wait).elapsed;
            self.state.timers.schedule(StateTimer::Group(timer), at);
        }
    }

    /// The sessions of members whose clients live, and the rebalances that wait for such.
    pub(in crate::engine) fn living(&self, passing: &Passing) -> Living {
        let mut living = Living::new();
        for id in self.passage.heard.groups() {
            let coordinator = coordinator::leader(&self.state.cluster, id);
            let running = coordinator.filter(|node| !passing.paused.contains(node));
            if let (Some(node), Some(group)) = (running, self.state.groups.get(id)) {
                living.extend(self.living_of((id, node), group, passing));
            }
        }
        living
    }

    fn living_of(
        &self,
        (id, node): (&Arc<str>, NodeId),
        group: &Group,
        passing: &Passing,
    ) -> Living {
        let setting = |name: &str| {
            let value = self.state.configs.group_value(node, id, name);
            value.number().unwrap_or_default()
        };
        let timer = |kind| GroupTimer {
            group: Arc::clone(id),
            kind,
        };
        let mut living = Living::new();
        for beating in group.beating(setting) {
            if let Some(session) = self.living_session((id, node), &beating, passing) {
                let kind = GroupTimerKind::Session(Arc::clone(beating.member));
                living.insert(timer(kind), session);
            }
        }
        // Its members hear of it in real time, once the clock stands.
        let lives = |member: &Arc<str>| {
            let session = timer(GroupTimerKind::Session(Arc::clone(member)));
            living.contains_key(&session)
        };
        if let Some((kind, wait)) = group.waits_for(passing.since, lives) {
            living.insert(timer(kind), wait);
        }
        // What lasts for no time is due all the same.
        living.retain(|_, wait| !wait.is_zero());
        living
    }

    /// How long the session of a member is, if its heartbeats would reach its coordinator.
    fn living_session(
        &self,
        (group, node): (&str, NodeId),
        beating: &Beating<'_>,
        passing: &Passing,
    ) -> Option<Duration> {
        let session = beating.session?;
        let connection = self.passage.heard.line_of(group, beating.member)?;
        let mut silent = passing.silent.iter();
        if silent.any(|pattern| pattern.matches(beating.client_id)) {
            return None;
        }
        let principal = self.state.sasl.principal(connection);
        let beats = Heartbeats {
            connection,
            node,
            api: beating.api,
            client_id: beating.client_id,
            principal,
            group,
            member: beating.member,
            instance_id: beating.instance_id,
            session,
        };
        (!self.passage.silences(&beats)).then_some(session)
    }

    /// Asks whether each client that is to be silent is there, as a member or at least connected; a pattern may be about
    /// nobody.
    ///
    /// # Errors
    /// The first that is not, in words.
    pub(crate) fn check_silent(&self, clients: &[Pattern]) -> Result<(), String> {
        let groups = self.state.groups.iter();
        let members = groups.flat_map(|(_, group)| group.beating(|_| 0));
        let members: Vec<&str> = members.map(|beating| beating.client_id).collect();
        let connected = self.passage.journal.client_ids();
        let is_unknown = |pattern: &&Pattern| {
            let mut known = members.iter().copied().chain(connected.iter().copied());
            pattern.is_name() && !known.any(|known| pattern.matches(known))
        };
        let Some(unknown) = clients.iter().find(is_unknown) else {
            return Ok(());
        };
        let name = unknown.to_string();
        let meant = nearest(&name, members.iter().copied());
        let hint = meant.map_or_else(
            || "no group has members".to_owned(),
            |meant| format!("did you mean {meant}?"),
        );
        Err(format!("no group member has the client id {name}: {hint}"))
    }
}
