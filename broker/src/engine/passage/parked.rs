//! Requests that wait: rows with what wakes them.

use std::collections::BTreeSet;

use foldhash::HashMap;

use crate::engine::context::{Call, ConnectionId, Ticket, WakeOn};
use crate::engine::time::Now;
use crate::wire::apis::Request;

/// A request that waits, to be run again.
#[derive(Debug)]
pub(crate) struct Waiting {
    pub(crate) call: Call,
    pub(crate) request: Request,
    /// None if only a wake ends it.
    pub(crate) until: Option<Now>,
    wake: Vec<WakeOn>,
}

/// All that wait, by ticket and by what wakes them.
#[derive(Debug, Default)]
pub(crate) struct Parked {
    rows: HashMap<Ticket, Waiting>,
    by_wake: HashMap<WakeOn, BTreeSet<Ticket>>,
    by_connection: HashMap<ConnectionId, Ticket>,
    /// How many have begun to wait.
    ever: u64,
}

impl Parked {
    pub(crate) fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    pub(crate) fn park(
        &mut self,
        call: Call,
        request: Request,
        until: Option<Now>,
        wake: Vec<WakeOn>,
    ) {
        for on in &wake {
            self.by_wake
                .entry(on.clone())
                .or_default()
                .insert(call.ticket);
        }
        self.by_connection.insert(call.connection, call.ticket);
        self.ever = self.ever.wrapping_add(1);
        let row = Waiting {
            until,
            wake,
            request,
            call,
        };
        self.rows.insert(row.call.ticket, row);
    }

    /// How many wait for a moment.
    pub(crate) fn timed(&self) -> usize {
        self.rows.values().filter(|row| row.until.is_some()).count()
    }

    /// How many requests have begun to wait.
    pub(crate) const fn ever(&self) -> u64 {
        self.ever
    }

    /// Takes a row out, to run it again.
    pub(crate) fn take(&mut self, ticket: Ticket) -> Option<Waiting> {
        let row = self.rows.remove(&ticket)?;
        self.by_connection.remove(&row.call.connection);
        for on in &row.wake {
            if let Some(tickets) = self.by_wake.get_mut(on) {
                tickets.remove(&ticket);
                if tickets.is_empty() {
                    self.by_wake.remove(on);
                }
            }
        }
        Some(row)
    }

    /// Takes out what a connection that is gone waited for.
    pub(crate) fn forget(&mut self, connection: ConnectionId) -> Option<Ticket> {
        let ticket = *self.by_connection.get(&connection)?;
        self.take(ticket).map(|row| row.call.ticket)
    }

    /// Whose connections wait.
    pub(crate) fn connections(&self) -> impl Iterator<Item = ConnectionId> {
        self.by_connection.keys().copied()
    }

    pub(crate) fn get(&self, ticket: Ticket) -> Option<&Waiting> {
        self.rows.get(&ticket)
    }

    /// What a connection waits for.
    pub(crate) fn of(&self, connection: ConnectionId) -> Option<&Waiting> {
        self.get(*self.by_connection.get(&connection)?)
    }

    /// Who waits for this, in the order of arrival.
    pub(crate) fn woken_by(&self, on: &WakeOn) -> Vec<Ticket> {
        self.by_wake
            .get(on)
            .map(|tickets| tickets.iter().copied().collect())
            .unwrap_or_default()
    }
}
