//! What happened: every request with its outcome, and every change of state, in the order in which the
//! engine saw them. Bounded: the oldest rows make room.
//!
//! A request's row is written when it is known what became of it, so the changes that it led to at once
//! stand before it. Requests that wait have no row yet.

#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "one kind of request, answer or row is looked at among many"
)]

mod carried;
mod counts;
mod errors;
mod exchange;
mod explained;
mod fetched;
mod filter;
mod keys;
mod row;
mod shares;
mod size;
mod text;
mod verdict;

#[cfg(test)]
mod tests;

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use foldhash::HashMap;
use serde::{Deserialize, Serialize};

use super::authorizer::Denied;
use super::cluster::Cluster;
use super::cluster::configs::is_password;
use super::context::{Call, ConnectionId};
use super::group::turn::Note;
use super::ids::NOBODY;
use super::secrets;
use super::time::Now;
use crate::wire::api::Api;
use crate::wire::apis::Request;
use crate::wire::units::NodeId;
use counts::Counts;
use verdict::Verdict;

/// How many rows a report of what went wrong shows.
pub(crate) const ROWS_SHOWN: usize = 20;

pub use super::applied::Applied;
pub(crate) use carried::CarriedJournal;
pub use exchange::{Body, Exchange, Failure, Keys, Outcome, Software, TopicKeys};
pub(crate) use explained::Client;
pub(crate) use filter::Filter;
pub use row::{Event, Row};
#[cfg(feature = "control")]
pub(crate) use shares::{ShareCounted, ShareCounts};
pub(crate) use shares::{SharePlace, Shared};

/// How much the journal keeps.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct JournalSettings {
    /// None: there is no journal.
    pub(crate) rows: usize,
    /// What all rows may take in memory, roughly.
    pub(crate) bytes: usize,
    /// Keeps requests and answers whole.
    pub(crate) bodies: bool,
}

impl Default for JournalSettings {
    fn default() -> Self {
        Self {
            rows: 10_000,
            bytes: 32 * 1024 * 1024,
            bodies: false,
        }
    }
}

/// The latest rows, and the requests that are yet to become rows.
#[derive(Debug)]
pub(crate) struct Journal {
    settings: JournalSettings,
    rows: VecDeque<Arc<Row>>,
    bytes: usize,
    last: u64,
    connections: HashMap<ConnectionId, Connection>,
    counts: Counts,
}

/// A client's connection, and the request that it waits for.
#[derive(Debug, Default)]
struct Connection {
    node: i32,
    client_host: String,
    client_id: Option<String>,
    software: Option<Arc<Software>>,
    /// The client sends no more.
    departed: bool,
    /// In a box, since most connections wait for nothing.
    waiting: Option<Box<Waiting>>,
}

#[derive(Debug)]
struct Waiting {
    api: Api,
    version: i16,
    /// The version that it was asked in.
    asked: i16,
    correlation_id: i32,
    principal: Arc<str>,
    arrived: Now,
    keys: Keys,
    rule: Option<Arc<str>>,
    throttled_ms: u64,
    /// How much of it is done, as far as that is known before its end.
    applied: Option<Applied>,
    /// How much of it a rule has left to be done.
    most: Applied,
    /// What is known of errors besides what the answer says.
    explained: Vec<Failure>,
    /// What the client may not do of what it asks for.
    denied: Vec<Denied>,
    body: Option<Bytes>,
}

impl Journal {
    pub(crate) fn new(settings: JournalSettings) -> Self {
        Self {
            settings,
            rows: VecDeque::new(),
            bytes: 0,
            last: 0,
            connections: HashMap::default(),
            counts: Counts::default(),
        }
    }

    pub(crate) const fn settings(&self) -> JournalSettings {
        self.settings
    }

    /// What is counted for as long as the cluster runs.
    pub(crate) const fn counts(&self) -> &Counts {
        &self.counts
    }

    /// The number of the last row; 0 before the first.
    pub(crate) const fn last(&self) -> u64 {
        self.last
    }

    /// The rows that are still there, from the oldest on.
    pub(crate) fn rows(&self) -> impl DoubleEndedIterator<Item = &Arc<Row>> {
        self.rows.iter()
    }

    /// The last rows, which a report of what went wrong shows, from the oldest on.
    pub(crate) fn ending(&self) -> impl Iterator<Item = &Arc<Row>> {
        let before = self.rows.len().saturating_sub(ROWS_SHOWN);
        self.rows.iter().skip(before)
    }

    /// Those after the row of that number.
    pub(crate) fn after(&self, sequence: u64) -> impl DoubleEndedIterator<Item = &Arc<Row>> {
        // From the newest on: who follows the journal asks for the last few after every input.
        let newest_first = self.rows.iter().rev();
        let newer = newest_first
            .take_while(|row| row.sequence > sequence)
            .count();
        self.rows.range(self.rows.len().saturating_sub(newer)..)
    }

    /// Drops all rows; numbers go on.
    pub(crate) fn clear(&mut self) {
        self.rows.clear();
        self.bytes = 0;
    }

    fn waiting(&mut self, connection: ConnectionId) -> Option<&mut Waiting> {
        self.connections
            .get_mut(&connection)?
            .waiting
            .as_deref_mut()
    }

    /// Says which rule acts on the request that a connection waits for.
    pub(crate) fn acted(&mut self, connection: ConnectionId, rule: Arc<str>) {
        if let Some(waiting) = self.waiting(connection) {
            waiting.rule = Some(rule);
        }
    }

    /// Says what the client of a connection may not do of what it asks for.
    pub(crate) fn denied(&mut self, connection: ConnectionId, mut denied: Vec<Denied>) {
        // One that has waited asks again.
        if let Some(waiting) = self.waiting(connection) {
            denied.retain(|one| !waiting.denied.contains(one));
            waiting.denied.extend(denied.iter().cloned());
        }
        self.counts.denied(denied.len());
    }

    /// Says how much is done of the request that a connection waits for.
    pub(crate) fn applied(&mut self, connection: ConnectionId, applied: Applied) {
        if let Some(waiting) = self.waiting(connection) {
            waiting.applied = Some(applied);
        }
    }

    /// Says that a rule has left no more than this to be done of the request that a connection waits for.
    pub(crate) fn curbed(&mut self, connection: ConnectionId, most: Applied) {
        if let Some(waiting) = self.waiting(connection) {
            waiting.most = waiting.most.at_most(most);
        }
    }

    /// The client of a connection sends no more, or is gone.
    pub(super) fn departed(&mut self, connection: ConnectionId) {
        if let Some(known) = self.connections.get_mut(&connection) {
            known.departed = true;
        }
    }

    /// Says for how long the connection is throttled once its request is answered.
    pub(crate) fn throttled(&mut self, connection: ConnectionId, time: Duration) {
        if let Some(waiting) = self.waiting(connection) {
            waiting.throttled_ms = u64::try_from(time.as_millis()).unwrap_or(u64::MAX);
        }
    }

    pub(super) fn push(&mut self, now: Now, event: Event) {
        if self.settings.rows == 0 {
            return;
        }
        self.last = self.last.saturating_add(1);
        let row = Row {
            sequence: self.last,
            elapsed_ms: u64::try_from(now.elapsed.as_millis()).unwrap_or(u64::MAX),
            wall_ms: now.wall.0,
            event,
        };
        self.bytes = self.bytes.saturating_add(row.bytes());
        self.rows.push_back(Arc::new(row));
        while self.rows.len() > self.settings.rows || self.bytes > self.settings.bytes {
            let Some(oldest) = self.rows.pop_front() else {
                break;
            };
            self.bytes = self.bytes.saturating_sub(oldest.bytes());
        }
    }
}

impl Connection {
    /// The client may call itself something else with every request.
    fn named(&mut self, client_id: &str) {
        if self.client_id.as_deref() != Some(client_id) {
            self.client_id = Some(client_id.to_owned());
        }
    }
}

impl Journal {
    /// A client has connected.
    pub(crate) fn opened(
        &mut self,
        now: Now,
        connection: ConnectionId,
        (node, listener): (NodeId, &str),
        client_host: &str,
    ) {
        let opened = Connection {
            node: node.0,
            client_host: client_host.to_owned(),
            ..Connection::default()
        };
        self.connections.insert(connection, opened);
        self.counts.opened();
        let event = Event::ConnectionOpened {
            connection: connection.0,
            node: node.0,
            listener: listener.to_owned(),
            client_host: client_host.to_owned(),
        };
        self.push(now, event);
    }

    /// A group has changed.
    pub(super) fn group(&mut self, now: Now, note: &Note) {
        self.counts.group(note);
        let event = Event::GroupState {
            group: note.group.to_string(),
            from: note.from,
            to: note.to,
            generation: note.generation,
            why: note.why.clone(),
        };
        self.push(now, event);
    }

    /// A connection is gone, and with it the request that it waits for.
    pub(super) fn closed(&mut self, now: Now, connection: ConnectionId, why: &str) {
        let abandoned = |_: &Waiting| Verdict::unanswered(Outcome::Abandoned);
        self.conclude(now, connection, abandoned, None);
        let Some(known) = self.connections.remove(&connection) else {
            return;
        };
        let event = Event::ConnectionClosed {
            connection: connection.0,
            node: known.node,
            client_id: known.client_id,
            why: why.to_owned(),
        };
        self.push(now, event);
    }

    /// Takes note of a request, for the row that it will have.
    pub(super) fn asked(
        &mut self,
        (call, request): (&Call, &Request),
        principal: &Arc<str>,
        cluster: &Cluster,
    ) {
        // Requests are counted without rows as well.
        let has_rows = self.settings.rows > 0;
        let keys = if has_rows {
            Keys::of(request, cluster)
        } else {
            Keys::default()
        };
        let bodies = has_rows && self.settings.bodies;
        let known = self.connections.entry(call.connection).or_default();
        known.node = call.node.0;
        known.named(&call.client_id);
        if let Request::ApiVersions(said) = request
            && !said.client_software_name.is_empty()
        {
            known.software = Some(Arc::new(Software {
                name: said.client_software_name.to_string(),
                version: said.client_software_version.to_string(),
            }));
        }
        known.waiting = Some(Box::new(Waiting {
            api: request.api(),
            version: call.version,
            asked: call.too_new.map_or(call.version, |too_new| too_new.asked),
            correlation_id: call.correlation_id,
            principal: Arc::clone(principal),
            arrived: call.arrived,
            keys,
            rule: None,
            throttled_ms: 0,
            applied: None,
            most: Applied::Yes,
            explained: Vec::new(),
            denied: Vec::new(),
            // What a command does was never on the wire.
            body: (bodies && call.connection != NOBODY).then(|| {
                let hidden =
                    secrets::request((request.api(), call.version), &call.body, is_password);
                // The body must not keep the buffer alive that it came in.
                Bytes::copy_from_slice(&hidden)
            }),
        }));
    }
}
