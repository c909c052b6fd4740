//! What a rerun came to, and what the cluster holds by then.

use std::sync::Arc;
use std::time::Duration;

use super::Rerun;
use crate::engine::inspect::{GroupView, TopicView, TransactionView};
use crate::engine::journal::Row;

impl Rerun {
    /// The first answer that differs from the recorded one, and when that was; nothing if none did.
    ///
    /// ```
    /// # let path = std::env::temp_dir().join(format!("fauxka-doc-difference-{}.run", std::process::id()));
    /// # let recorded = fauxka::Broker::builder().topic("orders", 1, 1).seed(7).record(&path).start_blocking()?;
    /// # recorded.produce("orders").value("first").send()?;
    /// # drop(recorded);
    /// let rerun = fauxka::recording::Recording::load(&path)?.rerun()?;
    /// assert_eq!(rerun.difference(), None);
    /// # std::fs::remove_file(&path)?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn difference(&self) -> Option<&str> {
        self.difference.as_deref()
    }

    /// How many things have happened: requests, commands, moments at which something was due.
    ///
    /// ```
    /// # let path = std::env::temp_dir().join(format!("fauxka-doc-inputs-{}.run", std::process::id()));
    /// # let recorded = fauxka::Broker::builder().topic("orders", 1, 1).seed(7).record(&path).start_blocking()?;
    /// # recorded.produce("orders").value("first").send()?;
    /// # drop(recorded);
    /// let rerun = fauxka::recording::Recording::load(&path)?.rerun()?;
    /// assert!(rerun.inputs() > 0);
    /// # std::fs::remove_file(&path)?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn inputs(&self) -> u64 {
        self.rerun.step().inputs
    }

    /// How many answers were compared.
    ///
    /// ```
    /// # let path = std::env::temp_dir().join(format!("fauxka-doc-answers-{}.run", std::process::id()));
    /// # let recorded = fauxka::Broker::builder().topic("orders", 1, 1).seed(7).record(&path).start_blocking()?;
    /// # recorded.produce("orders").value("first").send()?;
    /// # drop(recorded);
    /// let rerun = fauxka::recording::Recording::load(&path)?.rerun()?;
    /// assert_eq!(rerun.answers(), 0, "no client has asked for anything");
    /// # std::fs::remove_file(&path)?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn answers(&self) -> u64 {
        self.rerun.step().answers
    }

    /// The time that has passed on the cluster's clock.
    ///
    /// ```
    /// # let path = std::env::temp_dir().join(format!("fauxka-doc-elapsed-{}.run", std::process::id()));
    /// # let recorded = fauxka::Broker::builder().topic("orders", 1, 1).seed(7).record(&path).start_blocking()?;
    /// # recorded.produce("orders").value("first").send()?;
    /// # drop(recorded);
    /// let rerun = fauxka::recording::Recording::load(&path)?.rerun()?;
    /// assert!(rerun.elapsed().as_secs() < 60);
    /// # std::fs::remove_file(&path)?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn elapsed(&self) -> Duration {
        self.rerun.step().now.elapsed
    }

    /// Why the recording ended before its cluster did, if it says so.
    ///
    /// ```
    /// # let path = std::env::temp_dir().join(format!("fauxka-doc-ended-{}.run", std::process::id()));
    /// # let recorded = fauxka::Broker::builder().topic("orders", 1, 1).seed(7).record(&path).start_blocking()?;
    /// # recorded.produce("orders").value("first").send()?;
    /// # drop(recorded);
    /// let rerun = fauxka::recording::Recording::load(&path)?.rerun()?;
    /// assert_eq!(rerun.ended(), None);
    /// # std::fs::remove_file(&path)?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn ended(&self) -> Option<&str> {
        self.ended.as_deref()
    }

    /// Whether the file has its end. Without it the process was killed, or still runs.
    ///
    /// ```
    /// # let path = std::env::temp_dir().join(format!("fauxka-doc-is-whole-{}.run", std::process::id()));
    /// # let recorded = fauxka::Broker::builder().topic("orders", 1, 1).seed(7).record(&path).start_blocking()?;
    /// # recorded.produce("orders").value("first").send()?;
    /// # drop(recorded);
    /// let rerun = fauxka::recording::Recording::load(&path)?.rerun()?;
    /// assert!(rerun.is_whole());
    /// # std::fs::remove_file(&path)?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub const fn is_whole(&self) -> bool {
        self.is_whole
    }

    /// The rows of the journal by now, from the oldest that it keeps on.
    ///
    /// ```
    /// # let path = std::env::temp_dir().join(format!("fauxka-doc-journal-{}.run", std::process::id()));
    /// # let recorded = fauxka::Broker::builder().topic("orders", 1, 1).seed(7).record(&path).start_blocking()?;
    /// # recorded.produce("orders").value("first").send()?;
    /// # drop(recorded);
    /// let rerun = fauxka::recording::Recording::load(&path)?.rerun()?;
    /// assert!(rerun.journal().any(|row| row.to_string().contains("orders")));
    /// # std::fs::remove_file(&path)?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn journal(&self) -> impl Iterator<Item = Arc<Row>> {
        let rows: Vec<_> = self
            .rerun
            .engine()
            .passage
            .journal
            .rows()
            .cloned()
            .collect();
        rows.into_iter()
    }

    /// The topics by now, by name.
    ///
    /// ```
    /// # let path = std::env::temp_dir().join(format!("fauxka-doc-topics-{}.run", std::process::id()));
    /// # let recorded = fauxka::Broker::builder().topic("orders", 1, 1).seed(7).record(&path).start_blocking()?;
    /// # recorded.produce("orders").value("first").send()?;
    /// # drop(recorded);
    /// let rerun = fauxka::recording::Recording::load(&path)?.rerun()?;
    /// assert_eq!(rerun.topics()[0].partitions[0].log_end_offset, 1);
    /// # std::fs::remove_file(&path)?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn topics(&self) -> Vec<TopicView> {
        self.rerun.engine().state.topic_views()
    }

    /// The groups by now, by id.
    ///
    /// ```
    /// # let path = std::env::temp_dir().join(format!("fauxka-doc-groups-{}.run", std::process::id()));
    /// # let recorded = fauxka::Broker::builder().topic("orders", 1, 1).seed(7).record(&path).start_blocking()?;
    /// # recorded.produce("orders").value("first").send()?;
    /// # drop(recorded);
    /// let rerun = fauxka::recording::Recording::load(&path)?.rerun()?;
    /// assert!(rerun.groups().is_empty());
    /// # std::fs::remove_file(&path)?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn groups(&self) -> Vec<GroupView> {
        let now = self.rerun.step().now;
        self.rerun.engine().state.group_views(now)
    }

    /// The transactional ids by now, by name.
    ///
    /// ```
    /// # let path = std::env::temp_dir().join(format!("fauxka-doc-transactions-{}.run", std::process::id()));
    /// # let recorded = fauxka::Broker::builder().topic("orders", 1, 1).seed(7).record(&path).start_blocking()?;
    /// # recorded.produce("orders").value("first").send()?;
    /// # drop(recorded);
    /// let rerun = fauxka::recording::Recording::load(&path)?.rerun()?;
    /// assert!(rerun.transactions().is_empty());
    /// # std::fs::remove_file(&path)?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn transactions(&self) -> Vec<TransactionView> {
        self.rerun.engine().state.transaction_views()
    }
}
