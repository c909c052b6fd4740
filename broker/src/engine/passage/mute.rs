//! Connections that are throttled: since KIP-219 a broker over quota answers at once, says for how long it
//! throttles, and reads no more of the connection until then. Quotas throttle, and so do fault rules.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::{Passage, PassageTimer};
use crate::engine::context::{Call, ConnectionId};
use crate::engine::fault::{FaultId, Faults, Mounted};
use crate::engine::ids::Throttler;
use crate::engine::time::Now;
use crate::wire::apis::Request;

/// A connection whose next request is not looked at yet.
#[derive(Debug)]
struct Mute {
    by: Throttler,
    client_id: String,
    /// The request that has come meanwhile.
    next: Option<Box<(Call, Request)>>,
}

/// Everybody who is throttled.
#[derive(Debug, Default)]
pub(super) struct Mutes(BTreeMap<ConnectionId, Mute>);

impl Mutes {
    /// Keeps a request of a connection that is throttled.
    pub(super) fn keep(&mut self, call: Call, request: Request) {
        if let Some(mute) = self.0.get_mut(&call.connection) {
            mute.next = Some(Box::new((call, request)));
        }
    }

    /// Whose request waits.
    pub(super) fn waiting(&self) -> impl Iterator<Item = ConnectionId> {
        let waiting = self.0.iter().filter(|(_, mute)| mute.next.is_some());
        waiting.map(|(connection, _)| *connection)
    }

    /// How many requests wait because of a rule.
    pub(super) fn waiting_for(&self, rule: FaultId) -> usize {
        let waits = |mute: &&Mute| mute.by == Throttler::Rule(rule) && mute.next.is_some();
        self.0.values().filter(waits).count()
    }

    pub(super) fn has(&self, connection: ConnectionId) -> bool {
        self.0.contains_key(&connection)
    }

    /// Forgets whom rules throttle.
    pub(super) fn retain_quotas(&mut self) {
        self.0.retain(|_, mute| mute.by == Throttler::Quota);
    }

    /// Who is throttled by what, in words.
    pub(super) fn describe(&self, connection: ConnectionId, faults: &Faults) -> String {
        let Some(mute) = self.0.get(&connection) else {
            return String::new();
        };
        let by = match mute.by {
            Throttler::Quota => "a quota".to_owned(),
            Throttler::Rule(rule) => {
                let title = faults.get(rule).map(Mounted::title);
                title.unwrap_or_else(|| "a fault rule".to_owned())
            }
        };
        format!("throttling of client {:?} by {by}", mute.client_id)
    }
}

/// A connection that is throttled, as a recording that begins in the middle carries it over.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::engine) struct CarriedMute {
    connection: ConnectionId,
    /// The rule that throttles, or else a quota does.
    rule: Option<FaultId>,
    client_id: String,
    /// Until when, on the cluster's clock.
    until: Duration,
}

impl Passage {
    /// Who is throttled. Anyone who has sent something meanwhile is turned away before.
    pub(in crate::engine) fn carry_mutes(&self) -> Vec<CarriedMute> {
        let carry = |(until, key): &(Duration, PassageTimer)| {
            let PassageTimer::Mute(connection) = key else {
                return None;
            };
            let mute = self.mutes.0.get(connection)?;
            Some(CarriedMute {
                connection: *connection,
                rule: match mute.by {
                    Throttler::Quota => None,
                    Throttler::Rule(rule) => Some(rule),
                },
                client_id: mute.client_id.clone(),
                until: *until,
            })
        };
        self.timers.iter().filter_map(carry).collect()
    }

    /// Goes on throttling who was throttled.
    pub(in crate::engine) fn go_on_muting(&mut self, carried: &[CarriedMute]) {
        for carried in carried {
            let mute = Mute {
                by: carried.rule.map_or(Throttler::Quota, Throttler::Rule),
                client_id: carried.client_id.clone(),
                next: None,
            };
            let connection = carried.connection;
            self.mutes.0.insert(connection, mute);
            let key = PassageTimer::Mute(connection);
            self.timers.schedule(key, carried.until);
        }
    }

    /// Throttles a connection from now on.
    pub(super) fn mute(&mut self, now: Now, call: &Call, (by, wait): (Throttler, Duration)) {
        self.journal.throttled(call.connection, wait);
        let mute = Mute {
            by,
            client_id: call.client_id.to_string(),
            next: None,
        };
        self.mutes.0.insert(call.connection, mute);
        let key = PassageTimer::Mute(call.connection);
        self.timers.schedule(key, now.plus(wait).elapsed);
    }

    /// Throttles a connection no more, and hands back what it has sent meanwhile.
    pub(in crate::engine) fn end_mute(
        &mut self,
        now: Now,
        connection: ConnectionId,
    ) -> Option<(Call, Request)> {
        let (mut call, request) = *self.unmute(connection)?;
        call.arrived = now;
        Some((call, request))
    }

    /// Throttles a connection no more.
    pub(super) fn unmute(&mut self, connection: ConnectionId) -> Option<Box<(Call, Request)>> {
        let mute = self.mutes.0.remove(&connection)?;
        self.timers.cancel(&PassageTimer::Mute(connection));
        mute.next
    }

    /// Whom a rule throttles, in the order in which their requests have come.
    pub(in crate::engine) fn muted_by(&self, rule: FaultId) -> Vec<ConnectionId> {
        let mutes = self.mutes.0.iter();
        let mutes = mutes.filter(|(_, mute)| mute.by == Throttler::Rule(rule));
        let mut muted: Vec<_> = mutes
            .map(|(connection, mute)| {
                let ticket = mute.next.as_ref().map(|next| next.0.ticket);
                (ticket, *connection)
            })
            .collect();
        muted.sort_unstable();
        muted
            .into_iter()
            .map(|(_, connection)| connection)
            .collect()
    }
}
