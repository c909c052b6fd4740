//! How a journal ends, for messages about what did not happen.

use std::fmt;
use std::sync::Arc;

use crate::engine::Engine;
use crate::engine::journal::Row;

/// How many rows a failed expectation shows.
pub(super) const ROWS_SHOWN: usize = 20;

/// What happened last, from the oldest row on: in words, a line for each row.
#[derive(Debug)]
pub(super) struct Ending(Vec<Arc<Row>>);

impl Ending {
    pub(super) fn of(engine: &Engine) -> Self {
        let latest = engine.passage.journal.rows().rev().take(ROWS_SHOWN);
        let mut rows: Vec<_> = latest.cloned().collect();
        rows.reverse();
        Self(rows)
    }
}

impl fmt::Display for Ending {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "the journal ends with:")?;
        for row in &self.0 {
            writeln!(f, "  {row}")?;
        }
        Ok(())
    }
}
