//! Which rows are meant.

use super::exchange::{Exchange, TopicKeys};
use super::row::{Event, Row};
use crate::engine::applied::Applied;
use crate::wire::api::Api;
use crate::wire::error::ErrorCode;

/// What rows have in common; what is not set does not matter.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Filter {
    /// As rows name their kind: `request`, `group_state`, …
    pub(crate) kind: Option<String>,
    pub(crate) api: Option<Api>,
    pub(crate) client_id: Option<String>,
    pub(crate) principal: Option<String>,
    pub(crate) connection: Option<u64>,
    pub(crate) node: Option<i32>,
    pub(crate) topic: Option<String>,
    pub(crate) partition: Option<i32>,
    pub(crate) group: Option<String>,
    pub(crate) member: Option<String>,
    pub(crate) transactional_id: Option<String>,
    pub(crate) producer_id: Option<i64>,
    pub(crate) error: Option<ErrorCode>,
    /// Any error at all, or none.
    pub(crate) failed: Option<bool>,
    pub(crate) applied: Option<Applied>,
    pub(crate) rule: Option<String>,
    /// Rows of larger numbers only.
    pub(crate) after: u64,
}

/// Whether a wish, if there is one, is met.
fn met<T: PartialEq + ?Sized>(wish: Option<&T>, fact: Option<&T>) -> bool {
    wish.is_none() || wish == fact
}

impl Filter {
    /// Whether the row is meant.
    pub(crate) fn matches(&self, row: &Row) -> bool {
        if row.sequence <= self.after || !met(self.kind.as_deref(), Some(row.event.kind())) {
            return false;
        }
        match &row.event {
            Event::Request(exchange) => self.matches_request(exchange),
            other => self.asks_for_no_request() && self.matches_change(other),
        }
    }

    fn matches_request(&self, exchange: &Exchange) -> bool {
        let keys = &exchange.keys;
        let has = |wish: &Option<String>, facts: &[String]| {
            wish.as_ref().is_none_or(|wish| facts.contains(wish))
        };
        met(self.api.as_ref(), Some(&exchange.api))
            && met(self.client_id.as_deref(), Some(&exchange.client_id))
            && met(self.principal.as_deref(), Some(&*exchange.principal))
            && met(self.connection.as_ref(), Some(&exchange.connection))
            && met(self.node.as_ref(), Some(&exchange.node))
            && met(self.applied.as_ref(), Some(&exchange.applied))
            && met(self.rule.as_deref(), exchange.rule.as_deref())
            && met(self.producer_id.as_ref(), keys.producer_id.as_ref())
            && has(&self.group, &keys.groups)
            && has(&self.transactional_id, &keys.transactional_ids)
            && self.matches_member(exchange)
            && self.matches_topics(&keys.topics)
            && self.matches_errors(exchange)
    }

    fn matches_member(&self, exchange: &Exchange) -> bool {
        let keys = &exchange.keys;
        let wish = self.member.as_ref();
        wish.is_none_or(|wish| [&keys.member, &keys.instance].contains(&&Some(wish.clone())))
    }

    fn matches_topics(&self, topics: &[TopicKeys]) -> bool {
        if self.topic.is_none() && self.partition.is_none() {
            return true;
        }
        topics.iter().any(|keys| {
            let partition = self.partition.as_ref();
            met(self.topic.as_deref(), Some(&keys.topic))
                && partition.is_none_or(|index| keys.partitions.contains(index))
        })
    }

    fn matches_errors(&self, exchange: &Exchange) -> bool {
        let has = |code: &ErrorCode| exchange.errors.iter().any(|failure| failure.error == *code);
        self.error.as_ref().is_none_or(has)
            && (self.failed).is_none_or(|failed| failed != exchange.errors.is_empty())
    }

    /// Whether rows of other kinds are meant at all.
    const fn asks_for_no_request(&self) -> bool {
        self.api.is_none()
            && self.error.is_none()
            && self.failed.is_none()
            && self.applied.is_none()
            && self.rule.is_none()
    }

    fn matches_change(&self, event: &Event) -> bool {
        let fields = event.fields();
        met(self.client_id.as_deref(), fields.client_id)
            && met(self.principal.as_deref(), fields.principal)
            && met(self.connection.as_ref(), fields.connection.as_ref())
            && met(self.node.as_ref(), fields.node.as_ref())
            && met(self.group.as_deref(), fields.group)
            && met(self.transactional_id.as_deref(), fields.transactional_id)
            && met(self.producer_id.as_ref(), fields.producer_id.as_ref())
            && met(self.member.as_deref(), fields.member)
            && self.matches_place(event, &fields)
    }

    /// An assignment is about any partitions of several topics; another change about one at most.
    fn matches_place(&self, event: &Event, fields: &EventFields<'_>) -> bool {
        if let Event::Assigned { topics, .. } | Event::TasksAssigned { topics, .. } = event {
            return self.matches_topics(topics);
        }
        met(self.topic.as_deref(), fields.topic)
            && met(self.partition.as_ref(), fields.partition.as_ref())
    }
}

/// What a change is about.
#[derive(Debug, Default)]
struct EventFields<'a> {
    client_id: Option<&'a str>,
    principal: Option<&'a str>,
    connection: Option<u64>,
    node: Option<i32>,
    topic: Option<&'a str>,
    partition: Option<i32>,
    group: Option<&'a str>,
    member: Option<&'a str>,
    transactional_id: Option<&'a str>,
    producer_id: Option<i64>,
}

impl<'a> EventFields<'a> {
    /// It is about a partition.
    const fn place(&mut self, topic: &'a str, partition: i32) {
        self.topic = Some(topic);
        self.partition = Some(partition);
    }
}

impl Event {
    /// Every kind of row, as rows name it.
    pub(crate) const KINDS: [&'static str; 29] = [
        "request",
        "connection_opened",
        "connection_closed",
        "group_state",
        "assigned",
        "tasks_assigned",
        "transaction_state",
        "leader_moved",
        "coordinator_moved",
        "acquisition_expired",
        "deliveries_exhausted",
        "dead_lettered",
        "logged_in",
        "keys_fetched",
        "keys_not_fetched",
        "node_stopped",
        "node_started",
        "advertised",
        "certificate_expired",
        "certificate_renewed",
        "restored",
        "recording_began",
        "acl_added",
        "acl_removed",
        "topic_created",
        "partitions_added",
        "topic_deleted",
        "log_start_moved",
        "log_truncated",
    ];

    /// What kind of row it is, as the row's JSON names it.
    ///
    /// ```
    /// let broker = fauxka::Broker::builder().topic("orders", 1, 1).start_blocking()?;
    /// let row = broker.journal().topic("orders").last().unwrap();
    /// assert_eq!(row.event.kind(), "topic_created");
    /// # Ok::<(), fauxka::StartError>(())
    /// ```
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Request(_) => "request",
            Self::ConnectionOpened { .. } => "connection_opened",
            Self::ConnectionClosed { .. } => "connection_closed",
            Self::GroupState { .. } => "group_state",
            Self::Assigned { .. } => "assigned",
            Self::TasksAssigned { .. } => "tasks_assigned",
            Self::TransactionState { .. } => "transaction_state",
            Self::LeaderMoved { .. } => "leader_moved",
            Self::CoordinatorMoved { .. } => "coordinator_moved",
            Self::AcquisitionExpired { .. } => "acquisition_expired",
            Self::DeliveriesExhausted { .. } => "deliveries_exhausted",
            Self::DeadLettered { .. } => "dead_lettered",
            Self::LoggedIn { .. } => "logged_in",
            Self::KeysFetched { .. } => "keys_fetched",
            Self::KeysNotFetched { .. } => "keys_not_fetched",
            Self::NodeStopped { .. } => "node_stopped",
            Self::NodeStarted { .. } => "node_started",
            Self::Advertised { .. } => "advertised",
            Self::CertificateExpired { .. } => "certificate_expired",
            Self::CertificateRenewed { .. } => "certificate_renewed",
            Self::Restored { .. } => "restored",
            Self::RecordingBegan => "recording_began",
            Self::AclAdded(_) => "acl_added",
            Self::AclRemoved(_) => "acl_removed",
            Self::TopicCreated { .. } => "topic_created",
            Self::PartitionsAdded { .. } => "partitions_added",
            Self::TopicDeleted { .. } => "topic_deleted",
            Self::LogStartMoved { .. } => "log_start_moved",
            Self::LogTruncated { .. } => "log_truncated",
        }
    }

    #[expect(clippy::too_many_lines, reason = "an arm for each kind of row")]
    fn fields(&self) -> EventFields<'_> {
        let mut fields = EventFields::default();
        match self {
            Self::Request(_)
            | Self::KeysFetched { .. }
            | Self::KeysNotFetched { .. }
            | Self::CertificateExpired { .. }
            | Self::CertificateRenewed { .. }
            | Self::Restored { .. }
            | Self::RecordingBegan
            | Self::AclAdded(_)
            | Self::AclRemoved(_) => {}
            Self::ConnectionOpened {
                connection, node, ..
            } => {
                fields.connection = Some(*connection);
                fields.node = Some(*node);
            }
            Self::ConnectionClosed {
                connection,
                node,
                client_id,
                ..
            } => {
                fields.connection = Some(*connection);
                fields.node = Some(*node);
                fields.client_id = client_id.as_deref();
            }
            Self::LoggedIn {
                connection,
                node,
                client_id,
                principal,
                ..
            } => {
                fields.connection = Some(*connection);
                fields.node = Some(*node);
                fields.client_id = client_id.as_deref();
                fields.principal = Some(principal);
            }
            Self::GroupState { group, .. } => fields.group = Some(group),
            Self::TransactionState {
                transactional_id,
                producer_id,
                ..
            } => {
                fields.transactional_id = Some(transactional_id);
                fields.producer_id = Some(*producer_id);
            }
            Self::Assigned { group, member, .. } | Self::TasksAssigned { group, member, .. } => {
                fields.group = Some(group);
                fields.member = Some(member);
            }
            Self::AcquisitionExpired {
                group,
                topic,
                partition,
                member,
                ..
            } => {
                fields.group = Some(group);
                fields.topic = Some(topic);
                fields.partition = Some(*partition);
                fields.member = Some(member);
            }
            Self::DeliveriesExhausted {
                group,
                topic,
                partition,
                ..
            }
            | Self::DeadLettered {
                group,
                topic,
                partition,
                ..
            } => {
                fields.place(topic, *partition);
                fields.group = Some(group);
            }
            Self::NodeStopped { node }
            | Self::NodeStarted { node }
            | Self::Advertised { node, .. } => fields.node = Some(*node),
            Self::TopicCreated { topic, .. }
            | Self::PartitionsAdded { topic, .. }
            | Self::TopicDeleted { topic } => fields.topic = Some(topic),
            Self::LeaderMoved {
                topic, partition, ..
            }
            | Self::CoordinatorMoved {
                topic, partition, ..
            }
            | Self::LogStartMoved {
                topic, partition, ..
            }
            | Self::LogTruncated {
                topic, partition, ..
            } => fields.place(topic, *partition),
        }
        fields
    }
}
