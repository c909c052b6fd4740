//! How much the journal keeps.

use super::Builder;

impl Builder {
    /// How many rows the journal keeps; 10,000 by default, and none with 0.
    ///
    /// ```
    /// let broker = fauxka::Broker::builder().journal_rows(2).start_blocking()?;
    /// for name in ["a", "b", "c"] {
    ///     broker.create_topic(name).create()?;
    /// }
    /// assert_eq!(broker.journal().rows().len(), 2);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub const fn journal_rows(mut self, rows: usize) -> Self {
        self.journal.rows = rows;
        self
    }

    /// Roughly how many bytes of memory the journal's rows take at most; 32 MiB by default.
    ///
    /// ```
    /// let broker = fauxka::Broker::builder().journal_bytes(256 << 20).start_blocking()?;
    /// # Ok::<(), fauxka::StartError>(())
    /// ```
    pub const fn journal_bytes(mut self, bytes: usize) -> Self {
        self.journal.bytes = bytes;
        self
    }

    /// Has the journal keep requests and answers whole, so that you can read their fields and
    /// [send them again](crate::replay).
    ///
    /// ```
    /// let broker = fauxka::Broker::builder().journal_bodies(true).start_blocking()?;
    /// # Ok::<(), fauxka::StartError>(())
    /// ```
    pub const fn journal_bodies(mut self, keep: bool) -> Self {
        self.journal.bodies = keep;
        self
    }
}
