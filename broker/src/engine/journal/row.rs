//! What a row of the journal says.

use super::exchange::{Exchange, Failure, Keys, TopicKeys};
use crate::engine::authorizer::Acl;

/// A row of the journal.
///
/// ```
/// let broker = fauxka::Broker::builder().topic("orders", 1, 1).start_blocking()?;
/// broker.produce("orders").send()?;
/// let rows = broker.journal().rows();
/// assert_eq!(rows[0].sequence, 1);
/// println!("{}", rows[0]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "server", derive(serde::Serialize))]
#[cfg_attr(feature = "control", derive(utoipa::ToSchema))]
#[non_exhaustive]
pub struct Row {
    /// The row's number; the first is 1.
    pub sequence: u64,
    /// When it happened, in milliseconds since the cluster started, by its clock.
    pub elapsed_ms: u64,
    /// The cluster's time of day at that moment, in milliseconds since 1970.
    pub wall_ms: i64,
    /// What happened.
    #[cfg_attr(feature = "server", serde(flatten))]
    pub event: Event,
}

/// What happened.
///
/// ```
/// let broker = fauxka::Broker::builder().topic("orders", 1, 1).start_blocking()?;
/// use fauxka::journal::Event;
///
/// let row = broker.journal().kind("topic_created").last().unwrap();
/// assert!(matches!(&row.event, Event::TopicCreated { topic, .. } if topic == "orders"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "server", derive(serde::Serialize))]
#[cfg_attr(feature = "server", serde(tag = "kind", rename_all = "snake_case"))]
#[cfg_attr(feature = "control", derive(utoipa::ToSchema))]
#[expect(
    clippy::large_enum_variant,
    reason = "rows are kept behind a pointer, and most are requests"
)]
#[non_exhaustive]
pub enum Event {
    /// A request with its outcome, written once that was known.
    Request(Exchange),
    /// A client connected.
    ConnectionOpened {
        /// The connection's number.
        connection: u64,
        /// The node id.
        node: i32,
        /// The name of the listener that it came by.
        listener: String,
        /// The client's address, as Kafka writes it.
        client_host: String,
    },
    /// A connection ended.
    ConnectionClosed {
        /// The connection's number.
        connection: u64,
        /// The node id.
        node: i32,
        /// The client id, if a request has named it.
        client_id: Option<String>,
        /// The reason.
        why: String,
    },
    /// A group changed its state or generation.
    GroupState {
        /// The group id.
        group: String,
        /// The state before.
        from: &'static str,
        /// The state after.
        to: &'static str,
        /// The generation, or the group epoch of a consumer group.
        generation: i32,
        /// The reason.
        why: String,
    },
    /// A share group assigned other partitions to a member than before.
    Assigned {
        /// The group id.
        group: String,
        /// The member.
        member: String,
        /// The epoch of the assignment.
        epoch: i32,
        /// All partitions that the member is to have, by topic; none if it is to have nothing.
        topics: Vec<TopicKeys>,
        /// The reason.
        why: String,
    },
    /// A streams group assigned other tasks to a member than before.
    TasksAssigned {
        /// The group id.
        group: String,
        /// The member.
        member: String,
        /// The epoch of the assignment.
        epoch: i32,
        /// All active tasks that the member is to have, as Kafka Streams writes them: `0_3` is partition 3 of subtopology 0.
        active: Vec<String>,
        /// Its standby tasks.
        standby: Vec<String>,
        /// Its warm-up tasks.
        warmup: Vec<String>,
        /// The partitions that its active tasks read, by topic.
        topics: Vec<TopicKeys>,
        /// The reason.
        why: String,
    },
    /// A transactional id changed its state or producer.
    TransactionState {
        /// The transactional id.
        transactional_id: String,
        /// The state before; none for a new id.
        from: Option<&'static str>,
        /// The state after.
        to: &'static str,
        /// The producer id.
        producer_id: i64,
        /// The producer epoch.
        producer_epoch: i16,
    },
    /// A partition has a new leader, or none.
    LeaderMoved {
        /// The topic.
        topic: String,
        /// The partition.
        partition: i32,
        /// The id of the leader before, if there was one.
        from: Option<i32>,
        /// The id of the leader after, if there is one.
        to: Option<i32>,
        /// The leader epoch.
        leader_epoch: i32,
    },
    /// The groups or transactional ids in a partition of a state topic have a new coordinator.
    CoordinatorMoved {
        /// The state topic.
        topic: String,
        /// The partition.
        partition: i32,
        /// The id of the coordinator before, if there was one.
        from: Option<i32>,
        /// The id of the coordinator after, if there is one.
        to: Option<i32>,
        /// The coordinator epoch.
        coordinator_epoch: i32,
    },
    /// A member of a share group had records for too long: their lock ended.
    AcquisitionExpired {
        /// The group id.
        group: String,
        /// The topic.
        topic: String,
        /// The partition.
        partition: i32,
        /// The first record's offset.
        first_offset: i64,
        /// The last record's offset.
        last_offset: i64,
        /// The member that had them.
        member: String,
        /// How often they were delivered.
        deliveries: i32,
    },
    /// Records were delivered to a share group as often as they may be, and are not delivered again.
    DeliveriesExhausted {
        /// The group id.
        group: String,
        /// The topic.
        topic: String,
        /// The partition.
        partition: i32,
        /// The first record's offset.
        first_offset: i64,
        /// The last record's offset.
        last_offset: i64,
        /// How often they were delivered.
        deliveries: i32,
    },
    /// Records that a share group gave up went to its dead-letter topic, or could not.
    DeadLettered {
        /// The group id.
        group: String,
        /// The topic of the records.
        topic: String,
        /// The partition.
        partition: i32,
        /// The first record's offset.
        first_offset: i64,
        /// The last record's offset.
        last_offset: i64,
        /// The dead-letter topic.
        dead_letter_topic: String,
        /// Why they are not there, if they are not.
        failure: Option<String>,
    },
    /// A client logged in, or did so again (KIP-368). Its SaslAuthenticate request has the next row.
    LoggedIn {
        /// The connection's number.
        connection: u64,
        /// The node id.
        node: i32,
        /// The client id, if a request has named it.
        client_id: Option<String>,
        /// The mechanism, as Kafka calls it, or `SSL` if its certificate says who it is.
        mechanism: &'static str,
        /// Who it is, such as `User:alice`.
        principal: String,
        /// For how long its session lasts, in milliseconds of the cluster's clock, if it ends.
        session_lifetime_ms: Option<i64>,
        /// Whether it had logged in by this connection before.
        again: bool,
    },
    /// Keys that tokens are checked with came over HTTP, in the place of those before them.
    KeysFetched {
        /// Where they came from.
        url: String,
        /// The number of keys.
        keys: usize,
        /// How many more there were that cannot be used.
        left_out: usize,
    },
    /// Such keys did not come. Tokens are checked with those before.
    KeysNotFetched {
        /// Where they were to come from.
        url: String,
        /// The reason.
        why: String,
    },
    /// A node stopped.
    NodeStopped {
        /// The node id.
        node: i32,
    },
    /// A node started.
    NodeStarted {
        /// The node id.
        node: i32,
    },
    /// A node has a new advertised address.
    Advertised {
        /// The node id.
        node: i32,
        /// The name of the listener that is reached there.
        listener: String,
        /// The host.
        host: String,
        /// The port.
        port: u16,
    },
    /// A test had certificates expire.
    CertificateExpired {
        /// Their distinguished name.
        certificate: String,
    },
    /// Certificates that a test had expired are good again.
    CertificateRenewed {
        /// Their distinguished name.
        certificate: String,
    },
    /// A snapshot was restored, which was taken at this time. The changes that it made have rows before this one.
    Restored {
        /// When it was taken, in milliseconds since 1970 by the cluster's clock.
        taken_at_ms: i64,
    },
    /// A recording of the cluster began, for which every coordinator loaded again.
    RecordingBegan,
    /// An ACL was added.
    AclAdded(Acl),
    /// An ACL was removed.
    AclRemoved(Acl),
    /// A topic was created.
    TopicCreated {
        /// The topic.
        topic: String,
        /// The number of partitions.
        partitions: usize,
    },
    /// Partitions were added to a topic.
    PartitionsAdded {
        /// The topic.
        topic: String,
        /// The number of partitions.
        partitions: usize,
    },
    /// A topic was deleted.
    TopicDeleted {
        /// The topic.
        topic: String,
    },
    /// Records at the start of a partition were deleted.
    LogStartMoved {
        /// The topic.
        topic: String,
        /// The partition.
        partition: i32,
        /// The start offset before.
        from: i64,
        /// The start offset after.
        to: i64,
    },
    /// Records at the end of a partition were lost.
    LogTruncated {
        /// The topic.
        topic: String,
        /// The partition.
        partition: i32,
        /// The end offset before.
        from: i64,
        /// The end offset after.
        to: i64,
    },
}

impl Row {
    /// The row as one line of JSON.
    ///
    /// ```
    /// let broker = fauxka::Broker::builder().topic("orders", 1, 1).start_blocking()?;
    /// let line = broker.journal().rows()[0].to_json_line();
    /// assert!(line.ends_with("}\n"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[cfg(feature = "server")]
    #[must_use]
    pub fn to_json_line(&self) -> String {
        // Its keys are strings and its values plain, so it can always be written.
        let mut line = serde_json::to_string(self).unwrap_or_default();
        line.push('\n');
        line
    }

    /// The request, if the row is about one.
    ///
    /// ```
    /// let broker = fauxka::Broker::builder().topic("orders", 1, 1).start_blocking()?;
    /// let row = broker.journal().kind("topic_created").last().unwrap();
    /// assert!(row.exchange().is_none());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub const fn exchange(&self) -> Option<&Exchange> {
        if let Event::Request(exchange) = &self.event {
            Some(exchange)
        } else {
            None
        }
    }

    /// Roughly what it takes in memory.
    pub(crate) fn bytes(&self) -> usize {
        let Event::Request(exchange) = &self.event else {
            return size_of::<Self>() + 64 + self.event.texts_bytes();
        };
        let Keys {
            topics,
            groups,
            member,
            instance,
            transactional_ids,
            ..
        } = &exchange.keys;
        let topics = topics.iter().map(TopicKeys::bytes);
        let names = groups.iter().chain(transactional_ids);
        let names = names.chain(member).chain(instance);
        let names = names.map(|name| size_of::<String>() + name.len());
        let reasons = exchange.errors.iter().flat_map(|failure| &failure.reason);
        let reasons = reasons.map(String::len);
        let denied = exchange.denied.iter();
        let denied =
            denied.map(|denied| size_of_val(denied) + denied.resource.len() + denied.why.len());
        let bodies = [&exchange.request, &exchange.response];
        let bodies = bodies.into_iter().flatten().map(|body| body.bytes.len());
        size_of::<Self>()
            + exchange.client_id.len()
            + topics.sum::<usize>()
            + names.sum::<usize>()
            + bodies.sum::<usize>()
            + exchange.errors.len() * size_of::<Failure>()
            + reasons.sum::<usize>()
            + denied.sum::<usize>()
    }
}
