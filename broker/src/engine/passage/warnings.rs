//! What anyone who runs the broker is told of clients that do something wrong: once, and not hundreds of times
//! a second. The engine writes the lines, the shell logs them.
//!
//! The first warning of a kind about a client is told. Those that follow within ten seconds of the cluster's clock
//! are counted, and the count is told with the next, or once those seconds are over and anything at all happens.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::engine::context::ConnectionId;
use crate::engine::journal::Client;
use crate::engine::outbox::Unreadable;
use crate::engine::room::Full;
use crate::engine::time::Now;

/// For how long warnings are only counted after one was told.
const INTERVAL: Duration = Duration::from_secs(10);
/// Clients and kinds that are told apart; what is about further ones is counted together.
const SUBJECTS_MAX: usize = 1000;
/// Lines that wait to be logged; the oldest make room.
const LINES_MAX: usize = 1000;

/// What a warning is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Kind {
    /// Records that cannot be unfolded, or read; by the codec's name.
    Unreadable(&'static str),
    /// A connection that the broker closed.
    Closed,
    /// A connection that the broker did not take: nobody knows more of it than its address.
    Refused,
}

impl Kind {
    fn noun(self) -> String {
        match self {
            Self::Unreadable(codec) => format!("batches refused, codec {codec}"),
            Self::Closed => "connections closed".to_owned(),
            Self::Refused => "connections refused for max.connections.per.ip".to_owned(),
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct WarningKey {
    host: String,
    client_id: String,
    kind: Kind,
}

impl WarningKey {
    /// The client, as far as it is known.
    fn who(&self) -> String {
        let Self {
            host,
            client_id,
            kind,
        } = self;
        match kind {
            Kind::Refused if client_id.is_empty() => format!("from {host}"),
            Kind::Unreadable(_) | Kind::Closed | Kind::Refused => {
                format!("from client {client_id:?} at {host}")
            }
        }
    }
}

#[derive(Debug)]
struct LastWarning {
    at: Duration,
    untold: u64,
}

/// The warnings so far.
#[derive(Debug, Default)]
pub(crate) struct Warnings {
    told: BTreeMap<WarningKey, LastWarning>,
    /// When a count is to be told, if there is one.
    due: Option<Duration>,
    lines: Vec<String>,
    /// It was told that logs are full, and there has not been room since.
    told_full: bool,
}

impl Warnings {
    fn warn(&mut self, now: Duration, key: WarningKey, text: &str) {
        let key = self.place(now, key);
        let Some(told) = self.told.get_mut(&key) else {
            let told = LastWarning { at: now, untold: 0 };
            self.told.insert(key, told);
            return self.say(text.to_owned());
        };
        if now < told.at.saturating_add(INTERVAL) {
            told.untold = told.untold.saturating_add(1);
            let due = told.at.saturating_add(INTERVAL);
            self.due = Some(self.due.map_or(due, |earlier| earlier.min(due)));
            return;
        }
        told.at = now;
        let untold = std::mem::take(&mut told.untold);
        self.say(if untold > 0 {
            format!("{text} (and {untold} more since the last such line)")
        } else {
            text.to_owned()
        });
    }

    /// The key, or one for all that there is no room for.
    fn place(&mut self, now: Duration, key: WarningKey) -> WarningKey {
        if self.told.len() >= SUBJECTS_MAX && !self.told.contains_key(&key) {
            self.told
                .retain(|_, told| told.untold > 0 || now < told.at.saturating_add(INTERVAL));
        }
        if self.told.len() < SUBJECTS_MAX || self.told.contains_key(&key) {
            return key;
        }
        WarningKey {
            host: String::new(),
            client_id: "others".to_owned(),
            kind: key.kind,
        }
    }

    /// Warns of a connection from a host that was not taken.
    pub(crate) fn warn_refused(&mut self, now: Duration, host: String, text: &str) {
        let key = WarningKey {
            host,
            client_id: String::new(),
            kind: Kind::Refused,
        };
        self.warn(now, key, text);
    }

    /// Whether a count is to be told some time.
    pub(crate) const fn is_counting(&self) -> bool {
        self.due.is_some()
    }

    /// Tells counts whose time is over.
    pub(crate) fn tell_counts(&mut self, now: Duration) {
        if self.due.is_none_or(|due| now < due) {
            return;
        }
        let mut lines = Vec::new();
        self.due = None;
        for (key, told) in &mut self.told {
            let due = told.at.saturating_add(INTERVAL);
            if told.untold == 0 {
                continue;
            }
            if now < due {
                self.due = Some(self.due.map_or(due, |earlier| earlier.min(due)));
                continue;
            }
            lines.push(format!(
                "{} {}: {} more since the last such line",
                key.kind.noun(),
                key.who(),
                told.untold
            ));
            told.at = now;
            told.untold = 0;
        }
        for line in lines {
            self.say(line);
        }
    }

    fn say(&mut self, line: String) {
        if self.lines.len() >= LINES_MAX {
            self.lines.remove(0);
        }
        self.lines.push(line);
    }

    /// The lines that are to be logged.
    pub(crate) fn take(&mut self) -> Vec<String> {
        std::mem::take(&mut self.lines)
    }
}

impl Warnings {
    /// Warns of records that a client sent and nobody can read.
    pub(super) fn unreadable(&mut self, now: Now, client: Client<'_>, what: &Unreadable) {
        let Unreadable {
            topic,
            partition,
            codec,
            reason,
            ..
        } = what;
        let codec = codec.name();
        let (key, who) = about(client, Kind::Unreadable(codec));
        let text =
            format!("refused a batch for {topic}-{partition} from {who}, codec {codec}: {reason}");
        self.warn(now.elapsed, key, &text);
    }

    /// Warns of logs that are full: once, since it goes on until somebody does something about it.
    pub(super) fn full(&mut self, full: &Full) {
        if !std::mem::replace(&mut self.told_full, true) {
            self.say(format!(
                "LOGS ARE FULL, and producers get KAFKA_STORAGE_ERROR: {}",
                full.reason()
            ));
        }
    }

    /// Has it told again should logs fill once more, now that a tenth of them is free.
    pub(in crate::engine) const fn note_room(&mut self, held: u64, most: u64) {
        if self.told_full && held < most - most / 10 {
            self.told_full = false;
        }
    }

    /// Warns of a connection that the broker closes because of what the client sent.
    pub(super) fn closed(
        &mut self,
        now: Now,
        (connection, client): (ConnectionId, Client<'_>),
        why: &str,
    ) {
        let (key, who) = about(client, Kind::Closed);
        let text = format!("connection {} closed, from {who}: {why}", connection.0);
        self.warn(now.elapsed, key, &text);
    }
}

/// Whom a warning is about, and in words.
fn about(client: Client<'_>, kind: Kind) -> (WarningKey, String) {
    let software = client.software.map_or_else(
        || "software unknown".to_owned(),
        |software| format!("{} {}", software.name, software.version),
    );
    let who = format!("client {:?} at {} ({software})", client.id, client.host);
    let key = WarningKey {
        host: client.host.to_owned(),
        client_id: client.id.to_owned(),
        kind,
    };
    (key, who)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(client_id: &str) -> WarningKey {
        WarningKey {
            host: "h".to_owned(),
            client_id: client_id.to_owned(),
            kind: Kind::Closed,
        }
    }

    const fn ms(millis: u64) -> Duration {
        Duration::from_millis(millis)
    }

    #[test]
    fn what_repeats_is_counted() {
        let mut warnings = Warnings::default();
        for at in 0..500 {
            warnings.warn(ms(at), key("a"), "bad");
        }
        assert_eq!(warnings.take(), ["bad"]);
        warnings.warn(ms(3), key("b"), "another client");
        assert_eq!(warnings.take(), ["another client"]);
        warnings.warn(ms(10_000), key("a"), "bad");
        let counted = "bad (and 499 more since the last such line)";
        assert_eq!(warnings.take(), [counted]);
    }

    #[test]
    fn a_count_is_told_though_nothing_follows() {
        let mut warnings = Warnings::default();
        for at in [0, 1, 2] {
            warnings.warn(ms(at), key("a"), "bad");
        }
        warnings.tell_counts(ms(9_999));
        assert_eq!(warnings.take(), ["bad"]);
        warnings.tell_counts(ms(10_000));
        let told = "connections closed from client \"a\" at h: 2 more since the last such line";
        assert_eq!(warnings.take(), [told]);
        warnings.tell_counts(ms(30_000));
        assert_eq!(warnings.take(), [""; 0]);
    }

    #[test]
    fn clients_without_number_take_bounded_room() {
        let mut warnings = Warnings::default();
        for client in 0..5000 {
            warnings.warn(ms(1), key(&client.to_string()), "bad");
        }
        assert!(warnings.told.len() <= SUBJECTS_MAX + 1);
        assert_eq!(warnings.take().len(), LINES_MAX);
        warnings.warn(ms(20_000), key("late"), "bad");
        assert_eq!(warnings.take(), ["bad"]);
        assert!(warnings.told.len() <= 3);
    }
}
