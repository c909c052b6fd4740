//! What a cluster did, from a test: the journal, and questions to it.

mod conditions;
mod query;
#[cfg(test)]
mod tests;
mod unmet;

use std::sync::Arc;

use super::broker::Broker;
use crate::engine::commands::Command;
use crate::engine::input::Input;
use crate::engine::journal::{Filter, Row};
use crate::server::shared::Shared;

pub use query::Query;
pub use unmet::Unmet;

/// What a cluster did: every request with its outcome and every change of state, as far as there is
/// room; from [`Broker::journal`].
///
/// A row is there before its client hears, so you can ask without waiting.
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
    shared: Arc<Shared>,
}

impl Broker {
    /// What the cluster has done so far.
    ///
    /// ```
    /// let broker = fauxka::Broker::builder().topic("orders", 1, 1).start_blocking()?;
    /// for row in broker.journal().rows() {
    ///     println!("{row}");
    /// }
    /// # Ok::<(), fauxka::StartError>(())
    /// ```
    #[must_use]
    pub fn journal(&self) -> Journal {
        Journal {
            shared: self.shared(),
        }
    }
}

impl Journal {
    /// The rows that the journal still has, from the oldest on.
    ///
    /// ```
    /// let broker = fauxka::Broker::builder().topic("orders", 1, 1).start_blocking()?;
    /// let rows = broker.journal().rows();
    /// assert!(rows.iter().any(|row| row.to_string().contains("orders")));
    /// # Ok::<(), fauxka::StartError>(())
    /// ```
    #[must_use]
    pub fn rows(&self) -> Vec<Arc<Row>> {
        self.all().rows()
    }

    /// The number of the last row; 0 before the first. Give it to [`Query::after`] to ask only for what happens from now
    /// on.
    ///
    /// ```
    /// let broker = fauxka::Broker::builder().topic("orders", 1, 1).start_blocking()?;
    /// let before = broker.journal().last();
    /// broker.produce("orders").send()?;
    /// assert_eq!(broker.journal().last(), before + 1);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn last(&self) -> u64 {
        self.shared.look(|engine| engine.passage.journal.last())
    }

    /// Drops all rows. New rows go on with the next number.
    ///
    /// ```
    /// let broker = fauxka::Broker::builder().topic("orders", 1, 1).start_blocking()?;
    /// broker.journal().clear();
    /// assert!(broker.journal().rows().is_empty());
    /// # Ok::<(), fauxka::StartError>(())
    /// ```
    pub fn clear(&self) {
        self.shared.tell(Input::Command(Command::ClearJournal));
    }

    /// Every row as a line of JSON. With [bodies](crate::Builder::journal_bodies) that is what
    /// [`replay`](crate::replay) takes.
    ///
    /// ```
    /// let broker = fauxka::Broker::builder().topic("orders", 1, 1).start_blocking()?;
    /// let lines = broker.journal().to_json_lines();
    /// assert!(lines.lines().all(|line| line.starts_with('{')));
    /// # Ok::<(), fauxka::StartError>(())
    /// ```
    #[must_use]
    pub fn to_json_lines(&self) -> String {
        self.all().to_json_lines()
    }

    /// Checks that no answer held an error.
    ///
    /// ```
    /// let broker = fauxka::Broker::builder().start_blocking()?;
    /// // … the application runs …
    /// broker.journal().assert_no_errors();
    /// # Ok::<(), fauxka::StartError>(())
    /// ```
    ///
    /// # Panics
    /// An answer held an error. The message shows which, and what happened last.
    #[track_caller]
    pub fn assert_no_errors(&self) {
        self.all().with_errors().assert_count(0);
    }

    /// All rows, for you to narrow down.
    ///
    /// ```
    /// let broker = fauxka::Broker::builder().topic("orders", 1, 1).start_blocking()?;
    /// assert_eq!(broker.journal().all().count(), broker.journal().rows().len());
    /// # Ok::<(), fauxka::StartError>(())
    /// ```
    pub fn all(&self) -> Query {
        Query {
            shared: Arc::clone(&self.shared),
            filter: Filter::default(),
        }
    }
}
