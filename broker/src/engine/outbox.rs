//! What the state of the cluster has to say to anyone who waits or watches: values, in the order in which they came to
//! be. Nothing in the state knows who that is; the passage takes them out and hands them on.

use super::applied::Applied;
use super::context::{ConnectionId, Ticket, WakeOn};
use super::group::turn::{Note, Reply};
use super::journal::{Event, SharePlace, Shared};
use crate::engine::room::Full;
use crate::engine::topic_partition::TopicPartition;
use crate::wire::compression::Codec;
use crate::wire::error::ErrorCode;

/// One thing to be told.
#[derive(Debug)]
pub(crate) enum Notice {
    /// Something happened that a request may wait for.
    Wake(WakeOn),
    /// A group answers a held request.
    Reply(Ticket, Reply),
    /// A group gives up a held request without an answer.
    Abandon(Ticket),
    /// A change, as a row of the journal.
    Change(Box<Event>),
    /// A group's change, which is counted as well.
    Group(Note),
    /// What became of records of a share group, which is only counted.
    Shared(SharePlace, Shared),
    Unreadable(Unreadable),
    Full(Full),
    /// How much of a connection's request is done, though its answer waits or does not say.
    Applied(ConnectionId, Applied),
    /// Why a client is not let in, of which it is not told.
    LoginRefused {
        connection: ConnectionId,
        why: String,
    },
}

/// Records that were refused because they cannot be read; answers do not say why.
#[derive(Debug)]
pub(crate) struct Unreadable {
    pub(crate) connection: ConnectionId,
    pub(crate) topic: String,
    pub(crate) partition: i32,
    pub(crate) error: ErrorCode,
    pub(crate) codec: Codec,
    pub(crate) reason: String,
}

/// What is yet to be told.
#[derive(Debug)]
pub(crate) struct Outbox {
    notices: Vec<Notice>,
    /// Whether any request is parked; what nobody waits for is not noted.
    is_awaited: bool,
    /// Whether the journal has rows.
    has_rows: bool,
}

impl Outbox {
    pub(super) const fn new(has_rows: bool) -> Self {
        Self {
            notices: Vec::new(),
            is_awaited: false,
            has_rows,
        }
    }

    /// Has wakes noted while any request is parked.
    pub(super) const fn note_wakes(&mut self, is_awaited: bool) {
        self.is_awaited = is_awaited;
    }

    pub(crate) const fn is_awaited(&self) -> bool {
        self.is_awaited
    }

    /// Whether the journal has rows.
    pub(crate) const fn has_rows(&self) -> bool {
        self.has_rows
    }

    pub(crate) const fn is_empty(&self) -> bool {
        self.notices.is_empty()
    }

    pub(crate) fn push(&mut self, notice: Notice) {
        self.notices.push(notice);
    }

    /// Wakes who waits for records of a partition.
    pub(crate) fn wake_partition(&mut self, topic: &str, partition: i32) {
        // Without anybody there is no need for a copy of the name.
        if self.is_awaited {
            let on = WakeOn::Partition(TopicPartition::new(topic, partition));
            self.notices.push(Notice::Wake(on));
        }
    }

    /// Wakes who waits for the topic itself.
    pub(crate) fn wake_topic(&mut self, topic: &str) {
        if self.is_awaited {
            let on = WakeOn::Topic(topic.to_owned());
            self.notices.push(Notice::Wake(on));
        }
    }

    /// Wakes the request of a ticket.
    pub(crate) fn wake_ticket(&mut self, ticket: Ticket) {
        if self.is_awaited {
            self.notices.push(Notice::Wake(WakeOn::Told(ticket)));
        }
    }

    /// Tells of a change, if the journal has rows.
    pub(crate) fn change(&mut self, change: impl FnOnce() -> Event) {
        if self.has_rows {
            self.notices.push(Notice::Change(Box::new(change())));
        }
    }

    /// Takes out what is to be told.
    pub(super) fn drain(&mut self) -> impl Iterator<Item = Notice> {
        self.notices.drain(..)
    }
}
