//! Reading the journal while it is written.

use std::sync::Arc;

use super::shared::Shared;
use crate::engine::journal::{Filter, Row};

impl Shared {
    /// The rows that are meant and still there, from the oldest on.
    pub(crate) fn rows(&self, filter: &Filter) -> Vec<Arc<Row>> {
        self.look(|engine| {
            let rows = engine.passage.journal.after(filter.after);
            rows.filter(|row| filter.matches(row)).cloned().collect()
        })
    }

    /// Ends when there are so many rows, with all of them.
    pub(crate) async fn enough_rows(&self, filter: &Filter, count: usize) -> Vec<Arc<Row>> {
        let mut news = self.news();
        loop {
            let rows = self.rows(filter);
            // The sender lives as long as what this borrows from.
            if rows.len() >= count || news.changed().await.is_err() {
                return rows;
            }
        }
    }
}
