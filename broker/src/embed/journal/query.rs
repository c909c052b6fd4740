//! Questions to the journal, waits and expectations.

use std::sync::Arc;
use std::time::Duration;

use super::unmet::{Missed, Unmet};
use crate::embed::ending::Ending;
use crate::engine::journal::{Filter, Row};
use crate::server::shared::Shared;

/// Rows of the journal that have something in common. Each condition narrows them down.
///
/// ```
/// use fauxka::{Api, Broker};
///
/// let broker = Broker::builder().topic("orders", 1, 1).start_blocking()?;
/// broker.produce("orders").send()?;
/// let produced = broker.journal().api(Api::Produce).topic("orders").without_errors();
/// produced.assert_count(1);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
#[must_use = "a query does nothing until it is asked"]
pub struct Query {
    pub(super) shared: Arc<Shared>,
    pub(super) filter: Filter,
}

impl Query {
    /// Only requests whose answer holds an error, whichever it is.
    ///
    /// ```
    /// use fauxka::{Api, Broker};
    ///
    /// let broker = Broker::builder().start_blocking()?;
    /// // … the application runs …
    /// assert_eq!(broker.journal().api(Api::OffsetCommit).with_errors().count(), 0);
    /// # Ok::<(), fauxka::StartError>(())
    /// ```
    pub const fn with_errors(mut self) -> Self {
        self.filter.failed = Some(true);
        self
    }

    /// Only requests whose answer holds no error.
    ///
    /// ```
    /// use fauxka::{Api, Broker};
    ///
    /// let broker = Broker::builder().topic("orders", 1, 1).start_blocking()?;
    /// broker.produce("orders").send()?;
    /// assert_eq!(broker.journal().api(Api::Produce).without_errors().count(), 1);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub const fn without_errors(mut self) -> Self {
        self.filter.failed = Some(false);
        self
    }

    /// The rows that match, from the oldest on.
    ///
    /// ```
    /// let broker = fauxka::Broker::builder().topic("orders", 1, 1).start_blocking()?;
    /// let rows = broker.journal().kind("topic_created").rows();
    /// assert!(rows[0].to_string().contains("orders"));
    /// # Ok::<(), fauxka::StartError>(())
    /// ```
    #[must_use]
    pub fn rows(&self) -> Vec<Arc<Row>> {
        self.shared.rows(&self.filter)
    }

    /// How many rows match.
    ///
    /// ```
    /// let broker = fauxka::Broker::builder().topic("orders", 1, 1).start_blocking()?;
    /// assert_eq!(broker.journal().kind("topic_created").count(), 1);
    /// # Ok::<(), fauxka::StartError>(())
    /// ```
    #[must_use]
    pub fn count(&self) -> usize {
        self.shared.look(|engine| {
            let rows = engine.passage.journal.after(self.filter.after);
            rows.filter(|row| self.filter.matches(row)).count()
        })
    }

    /// The latest row that matches.
    ///
    /// ```
    /// use fauxka::{Api, Broker};
    ///
    /// let broker = Broker::builder().topic("orders", 1, 1).start_blocking()?;
    /// broker.produce("orders").send()?;
    /// let row = broker.journal().api(Api::Produce).last().unwrap();
    /// assert_eq!(row.exchange().unwrap().keys.topics[0].topic, "orders");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn last(&self) -> Option<Arc<Row>> {
        self.shared.look(|engine| {
            let mut rows = engine.passage.journal.after(self.filter.after).rev();
            rows.find(|row| self.filter.matches(row)).cloned()
        })
    }

    /// The rows that match, each as a line of JSON.
    ///
    /// ```
    /// let broker = fauxka::Broker::builder().topic("orders", 1, 1).start_blocking()?;
    /// let lines = broker.journal().kind("topic_created").to_json_lines();
    /// assert!(lines.contains(r#""topic":"orders""#));
    /// # Ok::<(), fauxka::StartError>(())
    /// ```
    #[must_use]
    pub fn to_json_lines(&self) -> String {
        let rows = self.rows();
        let lines = rows.iter().map(|row| row.to_json_line());
        lines.collect()
    }

    /// Waits until `count` rows match, whether they are there already or yet to come, and returns them. The time is
    /// real, or the runtime's where the cluster is [in memory](crate::in_memory), whatever a manual clock does.
    ///
    /// ```
    /// # tokio::runtime::Runtime::new().unwrap().block_on(async {
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
    /// Fewer rows match when `limit` has passed. The error shows what happened last.
    pub async fn wait_for(&self, count: usize, limit: Duration) -> Result<Vec<Arc<Row>>, Unmet> {
        let rows = self.shared.run(self.watch(count, limit)).await.flatten();
        rows.ok_or_else(|| self.unmet(format!("{count} or more")))
    }

    /// As [`Query::wait_for`], for tests without a runtime.
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// let broker = fauxka::Broker::builder().start_blocking()?;
    /// let client = std::net::TcpStream::connect(broker.bootstrap())?;
    /// let opened = broker.journal().kind("connection_opened");
    /// opened.wait_for_blocking(1, Duration::from_secs(5))?;
    /// # drop(client);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// Fewer rows match when `limit` has passed. The error shows what happened last.
    pub fn wait_for_blocking(&self, count: usize, limit: Duration) -> Result<Vec<Arc<Row>>, Unmet> {
        let rows = self.shared.run_blocking(self.watch(count, limit));
        let rows = rows.flatten();
        rows.ok_or_else(|| self.unmet(format!("{count} or more")))
    }

    /// Returns the rows that match if there are exactly `count` by now.
    ///
    /// ```
    /// let broker = fauxka::Broker::builder().topic("orders", 1, 1).start_blocking()?;
    /// let rows = broker.journal().kind("topic_created").expect_count(1)?;
    /// assert_eq!(rows.len(), 1);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// More or fewer rows match. The error shows what happened last.
    pub fn expect_count(&self, count: usize) -> Result<Vec<Arc<Row>>, Unmet> {
        let rows = self.rows();
        if rows.len() == count {
            Ok(rows)
        } else {
            Err(self.unmet(format!("exactly {count}")))
        }
    }

    /// Checks that exactly `count` rows match by now.
    ///
    /// ```
    /// use fauxka::{Api, Broker};
    ///
    /// let broker = Broker::builder().start_blocking()?;
    /// // … the application runs …
    /// broker.journal().api(Api::JoinGroup).client_id("worker-1").assert_count(0);
    /// # Ok::<(), fauxka::StartError>(())
    /// ```
    ///
    /// # Panics
    /// More or fewer rows match. The message shows what happened last.
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
        Unmet(Box::new(Missed {
            wanted,
            filter: self.filter.clone(),
            rows: self.rows(),
            ending: self.shared.look(Ending::of),
        }))
    }
}
