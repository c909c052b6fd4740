//! How much the journal keeps, and where it is written.

use std::path::PathBuf;

use super::Builder;
use crate::server::journal_file::JournalTarget;

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

    /// Has the journal's rows written to a new file as they happen, each a line of JSON: what
    /// [`replay::run`](crate::replay::run) reads, if the journal [keeps bodies](Self::journal_bodies). Every line is
    /// whole, also when the process is killed. When the disk is full, the file ends and the log says so; the cluster
    /// goes on.
    ///
    /// ```
    /// # let path = std::env::temp_dir().join(format!("fauxka-doc-{}.jsonl", std::process::id()));
    /// let broker = fauxka::Broker::builder().topic("orders", 1, 1).journal_file(&path).start_blocking()?;
    /// drop(broker);
    /// assert!(std::fs::read_to_string(&path)?.contains("topic_created"));
    /// # std::fs::remove_file(&path)?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn journal_file(mut self, path: impl Into<PathBuf>) -> Self {
        let path = path.into();
        self.journal_file = Some(JournalTarget { path, force: false });
        self
    }

    /// As [`Builder::journal_file`], and replaces an existing file.
    ///
    /// ```
    /// # let path = std::env::temp_dir().join(format!("fauxka-doc-over-{}.jsonl", std::process::id()));
    /// std::fs::write(&path, "of the run before")?;
    /// let broker = fauxka::Broker::builder().topic("orders", 1, 1).journal_file_over(&path).start_blocking()?;
    /// drop(broker);
    /// assert!(!std::fs::read_to_string(&path)?.contains("of the run before"));
    /// # std::fs::remove_file(&path)?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn journal_file_over(mut self, path: impl Into<PathBuf>) -> Self {
        let path = path.into();
        self.journal_file = Some(JournalTarget { path, force: true });
        self
    }
}
