//! What the journal knows of connections, as a recording that begins in the middle carries it over. Rows stay behind:
//! a rerun's journal begins where the recording does, with the number that comes next.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::{Connection, ConnectionId, Journal, NOBODY, Software};

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct CarriedJournal {
    last: u64,
    connections: BTreeMap<ConnectionId, CarriedConnection>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct CarriedConnection {
    node: i32,
    client_host: String,
    client_id: Option<String>,
    /// What its software says that it is, and of which version.
    software: Option<(String, String)>,
    departed: bool,
}

impl Journal {
    /// Who is connected, in the order in which they came.
    pub(crate) fn connected(&self) -> Vec<ConnectionId> {
        let connected = self.connections.keys().copied();
        let mut connected: Vec<_> = connected.filter(|id| *id != NOBODY).collect();
        connected.sort_unstable();
        connected
    }

    /// What those who are connected call themselves, in no order.
    pub(in crate::engine) fn client_ids(&self) -> Vec<&str> {
        let connected = self.connections.values();
        connected
            .filter_map(|known| known.client_id.as_deref())
            .collect()
    }

    /// Who is connected, and how many rows there have been.
    pub(in crate::engine) fn carry(&self) -> CarriedJournal {
        let Self {
            settings: _,
            rows: _,
            bytes: _,
            last,
            connections,
            // Numbers for anyone who watches the cluster.
            counts: _,
        } = self;
        let connections = connections.iter().map(|(id, known)| (*id, known.carry()));
        CarriedJournal {
            last: *last,
            connections: connections.collect(),
        }
    }

    /// Goes on after so many rows, with these connections.
    pub(in crate::engine) fn go_on_with(&mut self, carried: &CarriedJournal) {
        self.clear();
        self.last = carried.last;
        let connections = carried.connections.iter();
        let connections = connections.map(|(id, known)| (*id, known.resume()));
        self.connections = connections.collect();
    }

    /// Takes the rows of the journal whose place this one takes, and what that has counted.
    pub(in crate::engine) fn follow(&mut self, before: &mut Self) {
        let own = std::mem::replace(&mut self.rows, std::mem::take(&mut before.rows));
        self.bytes = self.bytes.saturating_add(before.bytes);
        self.rows.extend(own);
        std::mem::swap(&mut self.counts, &mut before.counts);
    }
}

impl Connection {
    fn carry(&self) -> CarriedConnection {
        let Self {
            node,
            client_host,
            client_id,
            software,
            departed,
            // Turned away before.
            waiting: _,
        } = self;
        let named = |known: &Arc<Software>| (known.name.clone(), known.version.clone());
        CarriedConnection {
            node: *node,
            client_host: client_host.clone(),
            client_id: client_id.clone(),
            software: software.as_ref().map(named),
            departed: *departed,
        }
    }
}

impl CarriedConnection {
    fn resume(&self) -> Connection {
        let software = self.software.clone();
        let software = software.map(|(name, version)| Arc::new(Software { name, version }));
        Connection {
            node: self.node,
            client_host: self.client_host.clone(),
            client_id: self.client_id.clone(),
            software,
            departed: self.departed,
            waiting: None,
        }
    }
}
