//! What a cluster did, from a test: queries, waits and expectations over its journal.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use crate::engine::Engine;
use crate::engine::commands::Command;
use crate::engine::input::Input;
use crate::engine::journal::{Filter, Row};
use crate::server::shared::Shared;
use crate::wire::api::Api;
use crate::wire::error::ErrorCode;

/// How many rows a failed expectation shows.
const TAIL: usize = 20;

/// What a cluster did: every request with its outcome and every change of state, as far as there is
/// room; from [`Broker::journal`](crate::Broker::journal).
///
/// ```
/// use fauxka::{Api, Broker};
///
/// let broker = Broker::builder().topic("orders", 1, 1).start_blocking()?;
/// // … the application runs …
/// assert_eq!(broker.journal().api(Api::Produce).topic("orders").count(), 0);
/// assert_eq!(broker.journal().kind("topic_created").count(), 1);
/// broker.journal().assert_no_errors();
/// # Ok::<(), fauxka::StartError>(())
/// ```
#[derive(Debug, Clone)]
pub struct Journal {
    pub(super) shared: Arc<Shared>,
}

impl Journal {
    /// The rows that are still there, from the oldest on.
    #[must_use]
    pub fn rows(&self) -> Vec<Arc<Row>> {
        self.all().rows()
    }

    /// The number of the last row; 0 before the first. With [`Query::after`] it says from when on rows
    /// count.
    #[must_use]
    pub fn last(&self) -> u64 {
        self.shared.look(|engine| engine.passage.journal.last())
    }

    /// Drops all rows; numbers go on.
    pub fn clear(&self) {
        self.shared.tell(Input::Command(Command::ClearJournal));
    }

    /// Every row as JSON, one a line.
    #[must_use]
    pub fn to_json_lines(&self) -> String {
        self.all().to_json_lines()
    }

    /// Checks that no answer held an error.
    ///
    /// # Panics
    /// When one did; the message shows which, and what happened last.
    #[track_caller]
    pub fn assert_no_errors(&self) {
        self.all().with_errors().assert_count(0);
    }

    /// All rows, to narrow down.
    pub fn all(&self) -> Query {
        Query {
            shared: Arc::clone(&self.shared),
            filter: Filter::default(),
        }
    }
}

/// Rows of the journal that have something in common. Each condition narrows it down.
#[derive(Debug, Clone)]
#[must_use = "a query does nothing until it is asked"]
pub struct Query {
    shared: Arc<Shared>,
    filter: Filter,
}

macro_rules! conditions {
    ($($(#[$doc:meta])* $name:ident($kind:ty) |$filter:ident, $value:ident| $set:expr;)*) => {
        impl Query {
            $(
                $(#[$doc])*
                pub fn $name(mut self, $value: $kind) -> Self {
                    let $filter = &mut self.filter;
                    $set;
                    self
                }
            )*
        }

        impl Journal {
            $(
                $(#[$doc])*
                pub fn $name(&self, $value: $kind) -> Query {
                    self.all().$name($value)
                }
            )*
        }
    };
}

conditions! {
    /// Rows of one kind, as their JSON names it: `request`, `group_state`, `leader_moved`, …
    kind(&str) |filter, kind| filter.kind = Some(kind.to_owned());
    /// Requests of one kind.
    api(Api) |filter, api| filter.api = Some(api);
    /// What concerns a client, by what it calls itself.
    client_id(&str) |filter, id| filter.client_id = Some(id.to_owned());
    /// Requests of a principal: `User:alice`, or `User:ANONYMOUS` before a client has logged in.
    principal(&str) |filter, name| filter.principal = Some(name.to_owned());
    /// What concerns one connection.
    connection(u64) |filter, connection| filter.connection = Some(connection);
    /// What concerns a node.
    node(i32) |filter, id| filter.node = Some(id);
    /// What concerns a topic.
    topic(&str) |filter, name| filter.topic = Some(name.to_owned());
    /// What concerns a partition, by its index.
    partition(i32) |filter, index| filter.partition = Some(index);
    /// What concerns a group.
    group(&str) |filter, id| filter.group = Some(id.to_owned());
    /// Requests of a member, by its id or its group instance id.
    member(&str) |filter, id| filter.member = Some(id.to_owned());
    /// What concerns a transactional id.
    transactional_id(&str) |filter, id| filter.transactional_id = Some(id.to_owned());
    /// What concerns a producer id.
    producer_id(i64) |filter, id| filter.producer_id = Some(id);
    /// Requests whose answer holds this error.
    error(ErrorCode) |filter, error| filter.error = Some(error);
    /// Requests that a fault rule of this name acted on.
    rule(&str) |filter, name| filter.rule = Some(name.to_owned());
    /// Rows after the one of this number.
    after(u64) |filter, sequence| filter.after = sequence;
}

impl Journal {
    /// Requests whose answer holds any error.
    pub fn with_errors(&self) -> Query {
        self.all().with_errors()
    }
}

impl Query {
    /// Requests whose answer holds any error.
    pub const fn with_errors(mut self) -> Self {
        self.filter.failed = Some(true);
        self
    }

    /// Requests whose answer holds no error.
    pub const fn without_errors(mut self) -> Self {
        self.filter.failed = Some(false);
        self
    }

    /// The rows, from the oldest on.
    #[must_use]
    pub fn rows(&self) -> Vec<Arc<Row>> {
        self.shared.rows(&self.filter)
    }

    /// How many rows there are.
    #[must_use]
    pub fn count(&self) -> usize {
        self.shared.look(|engine| {
            let rows = engine.passage.journal.after(self.filter.after);
            rows.filter(|row| self.filter.matches(row)).count()
        })
    }

    /// The latest row.
    #[must_use]
    pub fn last(&self) -> Option<Arc<Row>> {
        self.shared.look(|engine| {
            let mut rows = engine.passage.journal.after(self.filter.after).rev();
            rows.find(|row| self.filter.matches(row)).cloned()
        })
    }

    /// The rows as JSON, one a line.
    #[must_use]
    pub fn to_json_lines(&self) -> String {
        let rows = self.rows();
        let lines = rows.iter().map(|row| row.to_json_line());
        lines.collect()
    }

    /// Waits until there are `count` such rows, whether they are there already or come yet.
    ///
    /// ```
    /// # let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    /// # runtime.block_on(async {
    /// use std::time::Duration;
    ///
    /// let broker = fauxka::Broker::builder().start().await?;
    /// let client = std::net::TcpStream::connect(broker.bootstrap())?;
    /// let opened = broker.journal().kind("connection_opened");
    /// opened.wait_for(1, Duration::from_secs(5)).await?;
    /// # drop(client);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// # }).unwrap();
    /// ```
    ///
    /// # Errors
    /// When the time is over; the error shows what happened last.
    pub async fn wait_for(&self, count: usize, limit: Duration) -> Result<Vec<Arc<Row>>, Unmet> {
        let rows = self.shared.run(self.watch(count, limit)).await.flatten();
        rows.ok_or_else(|| self.unmet(format!("{count} or more")))
    }

    /// As [`Query::wait_for`], for tests without a runtime.
    ///
    /// # Errors
    /// When the time is over; the error shows what happened last.
    pub fn wait_for_blocking(&self, count: usize, limit: Duration) -> Result<Vec<Arc<Row>>, Unmet> {
        let rows = self.shared.run_blocking(self.watch(count, limit));
        let rows = rows.flatten();
        rows.ok_or_else(|| self.unmet(format!("{count} or more")))
    }

    /// Says that there are exactly `count` such rows by now.
    ///
    /// # Errors
    /// When there are others; the error shows what happened last.
    pub fn expect_count(&self, count: usize) -> Result<Vec<Arc<Row>>, Unmet> {
        let rows = self.rows();
        if rows.len() == count {
            Ok(rows)
        } else {
            Err(self.unmet(format!("exactly {count}")))
        }
    }

    /// Checks that there are exactly `count` such rows by now.
    ///
    /// # Panics
    /// When there are others; the message shows what happened last.
    #[track_caller]
    #[expect(clippy::panic, reason = "an assertion of a test")]
    pub fn assert_count(&self, count: usize) {
        if let Err(unmet) = self.expect_count(count) {
            panic!("{unmet}");
        }
    }

    /// The rows once there are enough, or none when the time is over.
    fn watch(
        &self,
        count: usize,
        limit: Duration,
    ) -> impl Future<Output = Option<Vec<Arc<Row>>>> + Send + 'static {
        let (shared, filter) = (Arc::clone(&self.shared), self.filter.clone());
        async move {
            let rows = tokio::time::timeout(limit, shared.enough_rows(&filter, count)).await;
            rows.ok()
        }
    }

    fn unmet(&self, wanted: String) -> Unmet {
        let rows = self.rows();
        let tail = self.shared.look(tail);
        Unmet(Box::new(Missed {
            wanted,
            filter: self.filter.clone(),
            rows,
            tail,
        }))
    }
}

/// What happened last, from the oldest row on.
pub(super) fn tail(engine: &Engine) -> Vec<Arc<Row>> {
    let mut tail: Vec<_> = engine
        .passage
        .journal
        .rows()
        .rev()
        .take(TAIL)
        .cloned()
        .collect();
    tail.reverse();
    tail
}

/// What happened last, in words: a line for each row.
pub(super) struct Ending<'a>(pub(super) &'a [Arc<Row>]);

impl fmt::Display for Ending<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "the journal ends with:")?;
        for row in self.0 {
            writeln!(f, "  {row}")?;
        }
        Ok(())
    }
}

/// Rows that were expected and are not there, or the other way round.
#[derive(Debug)]
pub struct Unmet(Box<Missed>);

#[derive(Debug)]
struct Missed {
    wanted: String,
    filter: Filter,
    rows: Vec<Arc<Row>>,
    tail: Vec<Arc<Row>>,
}

impl Unmet {
    /// The rows that there are.
    #[must_use]
    pub fn rows(&self) -> &[Arc<Row>] {
        &self.0.rows
    }
}

impl std::error::Error for Unmet {}

impl fmt::Display for Unmet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let missed = &self.0;
        let (wanted, filter, found) = (&missed.wanted, &missed.filter, missed.rows.len());
        writeln!(f, "{wanted} rows expected of {filter}, and {found} found")?;
        for row in missed.rows.iter().take(TAIL) {
            writeln!(f, "  found  {row}")?;
        }
        Ending(&missed.tail).fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use std::io::{Read as _, Write as _};
    use std::net::TcpStream;

    use super::*;
    use crate::Broker;
    use crate::engine::journal::{Event, Outcome};

    const LIMIT: Duration = Duration::from_secs(20);

    /// ApiVersions v3 of a client `me`, whose software is `it 1.0`.
    const HELLO: &[u8] = b"\0\0\0\x17\0\x12\0\x03\0\0\0\x07\0\x02me\0\x03it\x041.0\0\0";

    fn hello(broker: &Broker) -> TcpStream {
        let mut client = TcpStream::connect(broker.bootstrap()).unwrap();
        let mut frame = HELLO.to_vec();
        frame[3] = u8::try_from(frame.len() - 4).unwrap();
        client.write_all(&frame).unwrap();
        let mut size = [0; 4];
        client.read_exact(&mut size).unwrap();
        let size = usize::try_from(u32::from_be_bytes(size)).unwrap();
        client.read_exact(&mut vec![0; size]).unwrap();
        client
    }

    #[test]
    fn a_request_is_in_the_journal_before_its_answer_is_sent() {
        let broker = Broker::builder()
            .journal_bodies(true)
            .start_blocking()
            .unwrap();
        let client = hello(&broker);
        let rows = broker
            .journal()
            .api(Api::ApiVersions)
            .expect_count(1)
            .unwrap();
        let exchange = rows[0].exchange().unwrap();
        assert_eq!(exchange.client_id, "me");
        assert_eq!((exchange.version, exchange.correlation_id), (3, 7));
        assert_eq!(exchange.software.as_ref().unwrap().name, "it");
        assert_eq!(exchange.outcome, Outcome::Answered);
        let request = exchange.request.as_ref().unwrap().to_json();
        assert_eq!(request["clientSoftwareVersion"], "1.0");
        let response = exchange.response.as_ref().unwrap().to_json();
        assert!(response["apiKeys"].as_array().unwrap().len() > 30);
        drop(client);
        let closed = broker.journal().kind("connection_closed").client_id("me");
        let rows = closed.wait_for_blocking(1, LIMIT).unwrap();
        let Event::ConnectionClosed { why, .. } = &rows[0].event else {
            panic!("{rows:?}")
        };
        assert_eq!(why, "the client closed it");
    }

    #[test]
    fn what_is_waited_for_in_vain_says_what_there_was() {
        let broker = Broker::builder().start_blocking().unwrap();
        let _client = hello(&broker);
        let none = broker.journal().api(Api::JoinGroup).client_id("me");
        let unmet = none.wait_for_blocking(1, Duration::ZERO).unwrap_err();
        let text = unmet.to_string();
        assert!(
            text.starts_with("1 or more rows expected of api=JoinGroup client_id=me, and 0 found"),
            "{text}"
        );
        assert!(
            text.contains("ApiVersions v3 from me (1) to node 1"),
            "{text}"
        );
    }

    #[test]
    fn the_journal_can_be_left_out() {
        let broker = Broker::builder().journal_rows(0).start_blocking().unwrap();
        let _client = hello(&broker);
        assert_eq!(broker.journal().rows(), []);
        assert_eq!(broker.journal().last(), 0);
    }
}
