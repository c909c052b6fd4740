//! What a test does to the cluster beside its clients: what would take an operator, bad luck or time.
//!
//! Each leaves the cluster as Kafka would be after the same event, and wakes who waits for it.

pub(crate) mod coordinators;
mod groups;
pub(crate) mod metadata;
pub(crate) mod partitions;
pub(crate) mod produce;
mod producers;
mod topics;
pub(crate) mod users;

use bytes::Bytes;

use super::Engine;
use super::cluster::Partition;
use super::context::{Call, ConnectionId, Effect, Effects, Ticket};
use super::fault::FaultId;
use super::time::Now;
use crate::wire::apis::{Request, Response};
use crate::wire::units::NodeId;

/// What stands for a client where the engine asks itself; connections are numbered from 1.
pub(super) const NOBODY: ConnectionId = ConnectionId(0);

/// Why something cannot be done; the words say what could.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Refused {
    /// There is no such thing.
    #[error("{0}")]
    Unknown(String),
    /// It cannot be done to that thing as it is.
    #[error("{0}")]
    Impossible(String),
}

impl Engine {
    /// Does something to a partition, and tells who waits for news of it.
    fn on_partition<T>(
        &mut self,
        now: Now,
        (topic, index): (&str, i32),
        effects: &mut Effects,
        act: impl FnOnce(&mut Partition) -> Result<T, Refused>,
    ) -> Result<T, Refused> {
        let Some(found) = self.cluster.topic_mut(topic) else {
            return Err(Refused::Unknown(format!("there is no topic {topic}")));
        };
        let partitions = found.partitions.len();
        let Some(partition) = found.partition_mut(index) else {
            let why = format!(
                "topic {topic} has partitions 0 to {}",
                partitions.saturating_sub(1)
            );
            return Err(Refused::Unknown(why));
        };
        let before = (partition.log.start().0, partition.log.end().0);
        let result = act(partition)?;
        let after = (partition.log.start().0, partition.log.end().0);
        let at = (topic, index);
        self.journal.log_start_moved(now, at, (before.0, after.0));
        self.journal.log_truncated(now, at, (before.1, after.1));
        self.count_log_bytes(topic, index);
        self.cluster.changed();
        self.follow_leaders(now);
        self.wake_topic(topic);
        self.finish(now, effects);
        Ok(result)
    }

    /// Does a request of nobody's, and returns what is answered at once.
    pub(in crate::engine) fn ask_itself(
        &mut self,
        now: Now,
        (node, version): (NodeId, i16),
        request: Request,
        effects: &mut Effects,
    ) -> Option<Response> {
        let call = Call {
            ticket: Ticket(0),
            connection: NOBODY,
            node,
            version,
            correlation_id: 0,
            bytes: 0,
            body: Bytes::new(),
            client_id: String::new(),
            client_host: "/127.0.0.1".into(),
            dialled_host: String::new(),
            arrived: now,
            expired: false,
            last_rule: FaultId::default(),
            too_new: None,
        };
        let mut own = Effects::default();
        self.request(now, call, request, &mut own);
        let mut answer = None;
        for effect in own.0 {
            match effect {
                Effect::Reply {
                    connection: NOBODY,
                    response,
                } => answer = Some(response),
                other @ (Effect::Reply { .. }
                | Effect::Encoded { .. }
                | Effect::Nothing { .. }
                | Effect::Close { .. }) => effects.0.push(other),
            }
        }
        answer
    }

    /// Refuses a node that is not there or does not run.
    fn running(&self, node: NodeId) -> Result<(), Refused> {
        if !self.cluster.nodes.contains_key(&node) {
            return Err(Refused::Unknown(format!("there is no node {node}")));
        }
        if !self.cluster.is_up(node) {
            return Err(Refused::Impossible(format!(
                "node {node} is stopped: start it first"
            )));
        }
        Ok(())
    }
}
