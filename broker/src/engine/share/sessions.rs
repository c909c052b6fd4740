//! Share sessions (KIP-932): a consumer names its partitions once; later requests say what changed. A session belongs
//! to a member and a connection, and what the member has is free again when it ends.

use std::collections::BTreeMap;
use std::sync::Arc;

use uuid::Uuid;

use crate::engine::context::ConnectionId;
use crate::wire::error::ErrorCode;
use crate::wire::units::NodeId;

/// The epoch of a request that opens a session, and of one that closes it.
pub(crate) const INITIAL_EPOCH: i32 = 0;
pub(crate) const FINAL_EPOCH: i32 = -1;

/// A partition as a session knows it: the topic's name is the one that it had when the session heard of it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct SessionPartition {
    pub(crate) topic: Uuid,
    pub(crate) partition: i32,
    /// None if no topic had the id.
    pub(crate) name: Option<String>,
}

/// Whose a session is, and with which node.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct SessionKey {
    pub(crate) node: NodeId,
    pub(crate) group: Arc<str>,
    pub(crate) member: Arc<str>,
}

#[derive(Debug, Clone)]
struct Cached {
    /// Its place among the others.
    order: u64,
    name: Option<String>,
    /// Whether the next answer names it whatever it says.
    is_owed: bool,
}

#[derive(Debug, Clone)]
struct Session {
    epoch: i32,
    connection: ConnectionId,
    partitions: BTreeMap<(Uuid, i32), Cached>,
    /// The last place that was given.
    last: u64,
}

impl Session {
    /// Adds a partition behind all others; says whether it is new.
    fn add(&mut self, partition: SessionPartition, is_owed: bool) -> bool {
        let id = (partition.topic, partition.partition);
        if self.partitions.contains_key(&id) {
            return false;
        }
        self.last = self.last.wrapping_add(1);
        let cached = Cached {
            order: self.last,
            name: partition.name,
            is_owed,
        };
        self.partitions.insert(id, cached).is_none()
    }

    /// Its partitions, in order.
    fn in_order(&self) -> Vec<SessionPartition> {
        let mut partitions: Vec<_> = self.partitions.iter().collect();
        partitions.sort_unstable_by_key(|(_, cached)| cached.order);
        let partitions = partitions.into_iter();
        let partition = |(id, cached): (&(Uuid, i32), &Cached)| SessionPartition {
            topic: id.0,
            partition: id.1,
            name: cached.name.clone(),
        };
        partitions.map(partition).collect()
    }
}

/// All sessions.
#[derive(Debug, Default)]
pub(crate) struct ShareSessions {
    by_key: BTreeMap<SessionKey, Session>,
    /// The last session that a connection opened, and whether it has ended since.
    by_connection: BTreeMap<ConnectionId, (SessionKey, bool)>,
}

impl ShareSessions {
    /// How many there are with a node.
    pub(crate) fn len_of(&self, node: NodeId) -> usize {
        self.by_key.keys().filter(|key| key.node == node).count()
    }

    pub(crate) fn contains(&self, key: &SessionKey) -> bool {
        self.by_key.contains_key(key)
    }

    /// Its partitions, in order.
    pub(crate) fn partitions(&self, key: &SessionKey) -> Vec<SessionPartition> {
        self.by_key
            .get(key)
            .map(Session::in_order)
            .unwrap_or_default()
    }

    /// Opens a session in the place of the member's old one. A partition that is named twice ends in an error, as in
    /// Kafka, and the old session is gone even so.
    pub(crate) fn open(
        &mut self,
        key: &SessionKey,
        connection: ConnectionId,
        partitions: Vec<SessionPartition>,
        sessions_max: usize,
    ) -> Result<(), ErrorCode> {
        self.remove(key);
        let mut session = Session {
            epoch: next_epoch(INITIAL_EPOCH),
            connection,
            partitions: BTreeMap::new(),
            last: 0,
        };
        for partition in partitions {
            if !session.add(partition, false) {
                return Err(ErrorCode::UnknownServerError);
            }
        }
        if self.len_of(key.node) >= sessions_max {
            return Err(ErrorCode::ShareSessionLimitReached);
        }
        self.by_key.insert(key.clone(), session);
        self.by_connection.insert(connection, (key.clone(), false));
        Ok(())
    }

    /// Takes a session a step further, with partitions that are new in it and without others.
    pub(crate) fn go_on(
        &mut self,
        key: &SessionKey,
        epoch: i32,
        (added, forgotten): (Vec<SessionPartition>, &[(Uuid, i32)]),
    ) -> Result<(), ErrorCode> {
        self.step(key, epoch)?;
        let Some(session) = self.by_key.get_mut(key) else {
            return Ok(());
        };
        for partition in added {
            session.add(partition, true);
        }
        for id in forgotten {
            session.partitions.remove(id);
        }
        Ok(())
    }

    /// Takes a session a step further.
    pub(crate) fn step(&mut self, key: &SessionKey, epoch: i32) -> Result<(), ErrorCode> {
        let session = self
            .by_key
            .get_mut(key)
            .ok_or(ErrorCode::ShareSessionNotFound)?;
        if session.epoch != epoch {
            return Err(ErrorCode::InvalidShareSessionEpoch);
        }
        session.epoch = next_epoch(epoch);
        Ok(())
    }

    /// Whether a request of this epoch is the one that the session took last.
    pub(crate) fn is_last(&self, key: &SessionKey, epoch: i32) -> bool {
        let session = self.by_key.get(key);
        session.is_none_or(|session| session.epoch == next_epoch(epoch))
    }

    /// Notes what an answer says of a partition; says whether the client must be told.
    pub(crate) fn tell(
        &mut self,
        key: &SessionKey,
        (topic, partition): (Uuid, i32),
        has_records: bool,
        is_error: bool,
    ) -> bool {
        let Some(session) = self.by_key.get_mut(key) else {
            return true;
        };
        let Some(cached) = session.partitions.get_mut(&(topic, partition)) else {
            return has_records || is_error;
        };
        let must = has_records || is_error || cached.is_owed;
        cached.is_owed = is_error;
        if has_records {
            session.last = session.last.wrapping_add(1);
            cached.order = session.last;
        }
        must
    }

    /// Ends a session: its partitions; none if there is no such session.
    pub(crate) fn remove(&mut self, key: &SessionKey) -> Option<Vec<SessionPartition>> {
        let session = self.by_key.remove(key)?;
        if let Some((_, has_ended)) = self.by_connection.get_mut(&session.connection) {
            *has_ended = true;
        }
        Some(session.in_order())
    }

    /// A connection is gone: the session that it opened, and whether that one had ended.
    pub(crate) fn disconnected(&mut self, connection: ConnectionId) -> Option<(SessionKey, bool)> {
        self.by_connection.remove(&connection)
    }

    /// Whether a group has a session with a node.
    pub(crate) fn has_any(&self, node: NodeId, group: &str) -> bool {
        self.by_key
            .keys()
            .any(|key| key.node == node && *key.group == *group)
    }

    /// Whether there is none, and no connection is remembered for one.
    pub(crate) fn is_empty(&self) -> bool {
        self.by_key.is_empty() && self.by_connection.is_empty()
    }

    /// Ends all of them at once.
    pub(crate) fn clear(&mut self) {
        self.by_key.clear();
    }

    /// Ends those with nodes that are gone.
    pub(crate) fn keep_nodes(&mut self, is_there: impl Fn(NodeId) -> bool) {
        self.by_key.retain(|key, _| is_there(key.node));
        self.by_connection.retain(|_, (key, _)| is_there(key.node));
    }
}

/// Epochs go up to the largest number, then on from 1.
const fn next_epoch(epoch: i32) -> i32 {
    if epoch < 0 {
        FINAL_EPOCH
    } else if epoch == i32::MAX {
        1
    } else {
        epoch + 1
    }
}
