//! How a journal ends, for messages about what did not happen.

use std::fmt;
use std::sync::Arc;

use crate::engine::Engine;
use crate::engine::journal::Row;

/// What happened last, from the oldest row on: in words, a line for each row.
#[derive(Debug)]
pub(super) struct Ending(Vec<Arc<Row>>);

impl Ending {
    pub(super) fn of(engine: &Engine) -> Self {
        Self(engine.passage.journal.ending().cloned().collect())
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
