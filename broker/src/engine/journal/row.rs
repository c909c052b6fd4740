//! What a row of the journal says.

use super::exchange::{Exchange, Failure, Keys, TopicKeys};

/// One thing that happened.
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
    /// Its place among all rows; the first is 1.
    pub sequence: u64,
    /// When it happened, in milliseconds of the cluster's clock since the start.
    pub elapsed_ms: u64,
    /// The cluster's time of day then, in milliseconds since 1970.
    pub wall_ms: i64,
    /// What it was.
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
#[expect(missing_docs, reason = "the names of the fields are Kafka's terms")]
#[expect(
    clippy::large_enum_variant,
    reason = "rows are kept behind a pointer, and most are requests"
)]
#[non_exhaustive]
pub enum Event {
    /// A request and what became of it, noted when that was known.
    Request(Exchange),
    /// A client connected.
    ConnectionOpened {
        connection: u64,
        node: i32,
        client_host: String,
    },
    /// A connection ended, and why.
    ConnectionClosed {
        connection: u64,
        node: i32,
        client_id: Option<String>,
        why: String,
    },
    /// A group has come into another state, or into a new generation.
    GroupState {
        group: String,
        from: &'static str,
        to: &'static str,
        /// The generation, or the group's epoch.
        generation: i32,
        why: String,
    },
    /// A transactional id has come into another state, or has another producer.
    TransactionState {
        transactional_id: String,
        from: Option<&'static str>,
        to: &'static str,
        producer_id: i64,
        producer_epoch: i16,
    },
    /// A partition has another leader, or none.
    LeaderMoved {
        topic: String,
        partition: i32,
        from: Option<i32>,
        to: Option<i32>,
        leader_epoch: i32,
    },
    /// The groups or transactional ids of one partition of the state topic have another coordinator.
    CoordinatorMoved {
        /// The state topic.
        topic: String,
        partition: i32,
        from: Option<i32>,
        to: Option<i32>,
        coordinator_epoch: i32,
    },
    /// A node went out of service.
    NodeStopped { node: i32 },
    /// A node is back in service.
    NodeStarted { node: i32 },
    /// The cluster is again what it was when a snapshot was taken, at that time of day. The rows before say what has
    /// changed by that.
    Restored { taken_at_ms: i64 },
    /// A recording of the cluster began, for which every coordinator loaded again.
    RecordingBegan,
    /// A topic was created.
    TopicCreated { topic: String, partitions: usize },
    /// A topic has more partitions.
    PartitionsAdded { topic: String, partitions: usize },
    /// A topic was deleted.
    TopicDeleted { topic: String },
    /// Records were deleted from the beginning of a partition.
    LogStartMoved {
        topic: String,
        partition: i32,
        from: i64,
        to: i64,
    },
    /// Records were cut off the end of a partition.
    LogTruncated {
        topic: String,
        partition: i32,
        from: i64,
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
            return size_of::<Self>() + 64;
        };
        let Keys {
            topics,
            groups,
            member,
            instance,
            transactional_ids,
            ..
        } = &exchange.keys;
        let topics = topics.iter().map(|keys| {
            size_of::<TopicKeys>() + keys.topic.len() + size_of_val(keys.partitions.as_slice())
        });
        let names = groups.iter().chain(transactional_ids);
        let names = names.chain(member).chain(instance);
        let names = names.map(|name| size_of::<String>() + name.len());
        let reasons = exchange.errors.iter().flat_map(|failure| &failure.reason);
        let reasons = reasons.map(String::len);
        let bodies = [&exchange.request, &exchange.response];
        let bodies = bodies.into_iter().flatten().map(|body| body.bytes.len());
        size_of::<Self>()
            + exchange.client_id.len()
            + topics.sum::<usize>()
            + names.sum::<usize>()
            + bodies.sum::<usize>()
            + exchange.errors.len() * size_of::<Failure>()
            + reasons.sum::<usize>()
    }
}
