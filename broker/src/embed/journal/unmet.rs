//! Why an expectation of the journal fails.

use std::fmt;
use std::sync::Arc;

use crate::embed::ending::Ending;
use crate::engine::journal::ROWS_SHOWN;
use crate::engine::journal::{Filter, Row};

/// Why an expectation of the journal is not met: it lacks rows, or has rows that it should not have. The message shows the
/// rows that match and what happened last.
///
/// ```
/// use fauxka::{Api, Broker};
///
/// let broker = Broker::builder().start_blocking()?;
/// let unmet = broker.journal().api(Api::Fetch).expect_count(1).unwrap_err();
/// assert!(unmet.to_string().starts_with("exactly 1 rows expected of api=Fetch, and 0 found"));
/// # Ok::<(), fauxka::StartError>(())
/// ```
#[derive(Debug)]
pub struct Unmet(pub(super) Box<Missed>);

#[derive(Debug)]
pub(super) struct Missed {
    pub(super) wanted: String,
    pub(super) filter: Filter,
    pub(super) rows: Vec<Arc<Row>>,
    pub(super) ending: Ending,
}

impl Unmet {
    /// The rows that match.
    ///
    /// ```
    /// let broker = fauxka::Broker::builder().topic("orders", 1, 1).start_blocking()?;
    /// let unmet = broker.journal().kind("topic_created").expect_count(2).unwrap_err();
    /// assert_eq!(unmet.rows().len(), 1);
    /// # Ok::<(), fauxka::StartError>(())
    /// ```
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
        for row in missed.rows.iter().take(ROWS_SHOWN) {
            writeln!(f, "  found  {row}")?;
        }
        missed.ending.fmt(f)
    }
}
