//! Requests that wait, as the engine sees them: who they are, what wakes them, and running them again.

use std::collections::BTreeSet;
use std::time::Duration;

use super::commands::NOBODY;
use super::context::{ConnectionId, Effects, Ticket, WakeOn};
use super::parked::Waiting;
use super::time::Now;
use super::{Engine, TimerKey};

impl Engine {
    /// Whose request waits: for time to pass or for something else to happen.
    pub(crate) fn waiting(&self) -> BTreeSet<ConnectionId> {
        let parked = self.parked.connections();
        let all = parked.chain(self.held.connections());
        let all = all.chain(self.faults.connections_kept());
        let all = all.chain(self.sasl.refused());
        all.filter(|connection| *connection != NOBODY).collect()
    }

    /// How long a connection's request still waits to be run again.
    pub(crate) fn long_poll(&self, connection: ConnectionId) -> Option<Duration> {
        let waiting = self.parked.of(connection)?;
        let arrived = waiting.call.arrived.elapsed;
        Some(waiting.until.elapsed.saturating_sub(arrived))
    }

    /// How many requests have begun to wait.
    pub(crate) const fn parked_ever(&self) -> u64 {
        self.parked.ever()
    }

    /// Answers a connection's waiting request with what there is.
    pub(super) fn end_long_poll(
        &mut self,
        now: Now,
        connection: ConnectionId,
        effects: &mut Effects,
    ) {
        let Some(waiting) = self.parked.of(connection) else {
            return;
        };
        let ticket = waiting.call.ticket;
        self.run_again(now, ticket, true, effects);
    }

    pub(super) fn forget_waiting(&mut self, connection: ConnectionId) {
        self.held.forget(connection);
        if let Some(ticket) = self.parked.forget(connection) {
            self.timers.cancel(&TimerKey::Parked(ticket));
            self.replicating.remove(&ticket);
        }
    }

    pub(super) fn wake(&mut self, on: &WakeOn) {
        self.woken.extend(self.parked.woken_by(on));
    }

    /// Wakes who waits for records of a partition.
    pub(super) fn wake_partition(&mut self, topic: &str, partition: i32) {
        // Without anybody there is no need for a copy of the name.
        if !self.parked.is_empty() {
            self.wake(&WakeOn::Partition(topic.to_owned(), partition));
        }
    }

    pub(super) fn wake_topic(&mut self, topic: &str) {
        self.wake(&WakeOn::Topic(topic.to_owned()));
        let partitions = self.cluster.topic(topic).map_or(0, |t| t.partitions.len());
        for index in (0_i32..).take(partitions) {
            self.wake_partition(topic, index);
        }
    }

    pub(super) fn run_woken(&mut self, now: Now, effects: &mut Effects) {
        self.write_due_markers(now);
        while !self.woken.is_empty() {
            for ticket in std::mem::take(&mut self.woken) {
                self.run_again(now, ticket, false, effects);
            }
        }
    }

    pub(super) fn run_again(
        &mut self,
        now: Now,
        ticket: Ticket,
        expired: bool,
        effects: &mut Effects,
    ) {
        let Some(Waiting {
            mut call,
            request,
            until,
            ..
        }) = self.parked.take(ticket)
        else {
            return;
        };
        self.timers.cancel(&TimerKey::Parked(ticket));
        call.expired = expired || until.elapsed <= now.elapsed;
        self.run(now, call, request, effects);
    }
}
