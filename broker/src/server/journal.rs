//! The journal while it is written: reading it, and having its rows in a file.

use std::sync::{Arc, MutexGuard, PoisonError};

use super::journal_file::JournalFile;
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

    /// Has the journal's rows written to a file from now on, and those that nobody was told of.
    pub(crate) fn begin_journal_file(&self, file: JournalFile) {
        *self.file_of_rows() = Some(file);
    }

    /// Announces what there is from the start.
    pub(crate) fn tell_of_start(&self) {
        self.locked(|_| ());
    }

    /// Ends the journal's file, which has every row when this returns.
    pub(crate) fn end_journal_file(&self) {
        let file = self.file_of_rows().take();
        // Without the lock: it waits for the disk.
        drop(file);
    }

    pub(super) fn write_rows<'a>(&self, rows: impl Iterator<Item = &'a Arc<Row>>) {
        if let Some(file) = &mut *self.file_of_rows() {
            file.put(rows);
        }
    }

    fn file_of_rows(&self) -> MutexGuard<'_, Option<JournalFile>> {
        let file = self.journal_file.lock();
        file.unwrap_or_else(PoisonError::into_inner)
    }
}
