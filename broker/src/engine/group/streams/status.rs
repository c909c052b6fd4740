//! What a heartbeat says of the group besides tasks.

use std::sync::Arc;

use super::StreamsGroup;
use super::member::Member;
use super::topics::Configured;

/// Kafka's numbers of statuses; those about topics are in [`super::topics`].
const STALE_TOPOLOGY: i8 = 0;
const SHUTDOWN_APPLICATION: i8 = 4;
const ASSIGNMENT_DELAYED: i8 = 5;
const MISSING_CLIENT_TAGS: i8 = 6;

/// A status, and its words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Status {
    pub(crate) code: i8,
    pub(crate) detail: String,
}

impl Status {
    fn new(code: i8, detail: impl Into<String>) -> Self {
        Self {
            code,
            detail: detail.into(),
        }
    }

    pub(super) fn delayed_at_first() -> Self {
        Self::new(
            ASSIGNMENT_DELAYED,
            "Assignment delayed due to the configured initial rebalance delay.",
        )
    }

    pub(super) fn delayed() -> Self {
        Self::new(
            ASSIGNMENT_DELAYED,
            "Assignment delayed due to the configured assignment interval.",
        )
    }

    pub(super) fn of_topics(configured: &Configured) -> Option<Self> {
        let (code, detail) = configured.fault.as_ref()?;
        Some(Self::new(*code, detail))
    }
}

impl StreamsGroup {
    /// The member runs an older topology than the group.
    pub(super) fn stale_topology(&self, member: &Member) -> Option<Status> {
        let known = self.topology.as_ref()?.epoch;
        let epoch = member.description.topology_epoch;
        (epoch < known).then(|| {
            Status::new(
                STALE_TOPOLOGY,
                format!(
                    "The member's topology epoch {epoch} is behind the group's topology epoch {known}."
                ),
            )
        })
    }

    /// Remembers the first member that asks for the application to be shut down.
    pub(super) fn shut_down(&mut self, member: &Arc<str>) {
        let by = &mut self.soft.shutdown_by;
        by.get_or_insert_with(|| Arc::clone(member));
    }

    /// A member asked for the application to be shut down.
    pub(super) fn shutdown(&self) -> Option<Status> {
        let by = self.soft.shutdown_by.as_ref()?;
        Some(Status::new(
            SHUTDOWN_APPLICATION,
            format!(
                "Streams group member {by} encountered a fatal error and requested a shutdown for \
                 the entire application."
            ),
        ))
    }
}

/// The member lacks tags by which standby tasks are to be spread.
pub(super) fn missing_tags(wanted: &str, member: &Member) -> Option<Status> {
    let wanted = wanted.trim();
    if wanted.is_empty() {
        return None;
    }
    let has = |tag: &str| member.description.client_tags.contains_key(tag);
    let tags = wanted.split(',').map(str::trim);
    let missing: Vec<&str> = tags.filter(|tag| !has(tag)).collect();
    (!missing.is_empty()).then(|| {
        Status::new(
            MISSING_CLIENT_TAGS,
            format!(
                "Missing required client tags for rack-aware standby assignment: [{}]. Configure \
                 them via 'client.tag.<tagKey>' in your Streams config.",
                missing.join(", ")
            ),
        )
    })
}
