//! Snapshots, from a test: taken, put back, saved and loaded.

use std::fs::{self, File};
use std::io::{self, BufWriter, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use bytes::Bytes;

use super::broker::{Broker, wait_blocking};
use super::builder::Builder;
use super::error::CommandError;
use crate::engine::origin::Located;
use crate::engine::snapshot::{BadSnapshot, Snapshot};

/// Why a snapshot cannot be saved or loaded.
///
/// ```
/// use fauxka::snapshot::{Snapshot, SnapshotError};
///
/// let error = Snapshot::load("no such file").unwrap_err();
/// assert!(matches!(error, SnapshotError::File { doing: "read", .. }));
/// ```
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SnapshotError {
    /// The file cannot be written or read.
    #[error("cannot {doing} {}", path.display())]
    File {
        /// `write` or `read`.
        doing: &'static str,
        /// The file.
        path: PathBuf,
        /// What the operating system says.
        source: io::Error,
    },
    /// The file does not hold a snapshot that can be loaded.
    #[error("cannot load {}", path.display())]
    Bad {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        source: BadSnapshot,
    },
}

impl Broker {
    /// What the cluster is now: topics with their records, groups and committed offsets, open transactions,
    /// producers, settings, leaders and in-sync replicas. What lives in memory alone is not in it: connections, fetch
    /// sessions, rebalances that are under way. Neither are fault rules and the journal, which belong to the test.
    ///
    /// ```
    /// let broker = fauxka::Broker::builder().topic("orders", 1, 1).start_blocking()?;
    /// broker.produce("orders").value("first").send()?;
    /// let before = broker.snapshot();
    /// broker.produce("orders").value("second").send()?;
    /// broker.create_topic("payments").create()?;
    /// broker.restore_blocking(&before)?;
    /// assert_eq!(broker.topics().len(), 1);
    /// assert_eq!(broker.partition("orders", 0).values()?, ["first"]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn snapshot(&self) -> Snapshot {
        self.started.shared.snapshot()
    }

    /// Makes the cluster what it was when the snapshot was taken, all of it or nothing. To clients this looks like a restart
    /// of every node: connections stay, except for those that wait for an answer, which are closed. Members that the
    /// snapshot knows have their whole session again; others are told UNKNOWN_MEMBER_ID and join again. With a manual
    /// clock the time of day is again what it was. Fault rules, the journal and nodes that you have added stay.
    ///
    /// ```
    /// # tokio::runtime::Runtime::new().unwrap().block_on(async {
    /// let broker = fauxka::Broker::builder().topic("orders", 1, 1).start().await?;
    /// let empty = broker.snapshot();
    /// broker.produce("orders").value("first").await?;
    /// broker.restore(&empty).await?;
    /// assert!(broker.partition("orders", 0).values()?.is_empty());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// # }).unwrap();
    /// ```
    ///
    /// # Errors
    /// The snapshot needs nodes or features that are not here, or somebody has taken a node's port meanwhile. Then nothing
    /// has changed.
    pub async fn restore(&self, snapshot: &Snapshot) -> Result<(), CommandError> {
        self.started.shared.restore(snapshot)?.wait().await;
        Ok(())
    }

    /// As [`Broker::restore`], for tests without a runtime.
    ///
    /// ```
    /// let broker = fauxka::Broker::builder().start_blocking()?;
    /// let empty = broker.snapshot();
    /// broker.create_topic("orders").create()?;
    /// broker.restore_blocking(&empty)?;
    /// assert!(broker.topics().is_empty());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// The snapshot needs nodes or features that are not here, or somebody has taken a node's port meanwhile. Then nothing
    /// has changed.
    pub fn restore_blocking(&self, snapshot: &Snapshot) -> Result<(), CommandError> {
        let closing = self.started.shared.restore(snapshot)?;
        wait_blocking(&self.started.shared, closing);
        Ok(())
    }
}

impl Builder {
    /// Starts the cluster from a snapshot: with its nodes, topics, groups and settings. Whatever else you tell the builder
    /// comes on top. With a manual clock the cluster begins at the snapshot's time of day. [`Broker::reset`] comes back to
    /// the snapshot.
    ///
    /// ```
    /// use fauxka::Broker;
    /// use fauxka::snapshot::Snapshot;
    ///
    /// # let folder = std::env::temp_dir().join(format!("fauxka-doc-builder-{}", std::process::id()));
    /// # std::fs::create_dir_all(&folder)?;
    /// # let path = folder.join("orders.fauxka");
    /// # let first = Broker::builder().topic("orders", 6, 1).start_blocking()?;
    /// first.snapshot().save(&path)?;
    /// let second = Broker::builder().snapshot(Snapshot::load(&path)?).start_blocking()?;
    /// assert_eq!(second.topics()[0].partitions.len(), 6);
    /// # std::fs::remove_dir_all(&folder)?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn snapshot(mut self, snapshot: Snapshot) -> Self {
        let ids = || snapshot.nodes().iter().map(|node| node.id.0);
        if let (Some(first), Some(last)) = (ids().min(), ids().max()) {
            self.first_node_id = first;
            let span = usize::try_from(last.saturating_sub(first));
            self.nodes = span.unwrap_or_default().saturating_add(1);
        }
        self.origin.snapshot = Some(Located {
            what: snapshot,
            place: None,
        });
        self
    }
}

impl Snapshot {
    /// Writes the snapshot to a file. Anybody who reads the file meanwhile finds the old one or the new one, whole.
    ///
    /// ```
    /// use fauxka::Broker;
    /// use fauxka::snapshot::Snapshot;
    ///
    /// # let folder = std::env::temp_dir().join(format!("fauxka-doc-save-{}", std::process::id()));
    /// # std::fs::create_dir_all(&folder)?;
    /// # let path = folder.join("orders.fauxka");
    /// let broker = Broker::builder().topic("orders", 6, 1).start_blocking()?;
    /// broker.snapshot().save(&path)?;
    /// assert!(Snapshot::load(&path).is_ok());
    /// # std::fs::remove_dir_all(&folder)?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn save(&self, path: impl AsRef<Path>) -> Result<(), SnapshotError> {
        let path = path.as_ref();
        let draft = draft_of(path);
        let written = self
            .write(&draft)
            .and_then(|()| fs::rename(&draft, path))
            .inspect_err(|_| drop(fs::remove_file(&draft)));
        written.map_err(|source| SnapshotError::File {
            doing: "write",
            path: path.to_owned(),
            source,
        })
    }

    /// Reads a snapshot from a file.
    ///
    /// ```
    /// use fauxka::Broker;
    /// use fauxka::snapshot::Snapshot;
    ///
    /// # let folder = std::env::temp_dir().join(format!("fauxka-doc-load-{}", std::process::id()));
    /// # std::fs::create_dir_all(&folder)?;
    /// # let path = folder.join("orders.fauxka");
    /// # Broker::builder().topic("orders", 6, 1).start_blocking()?.snapshot().save(&path)?;
    /// let broker = Broker::builder().start_blocking()?;
    /// broker.restore_blocking(&Snapshot::load(&path)?)?;
    /// assert_eq!(broker.topics()[0].partitions.len(), 6);
    /// # std::fs::remove_dir_all(&folder)?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// The file cannot be read, or is not a snapshot of this release or an older one, whole and undamaged.
    pub fn load(path: impl AsRef<Path>) -> Result<Self, SnapshotError> {
        let path = path.as_ref();
        let bytes = read(path).map_err(|source| SnapshotError::File {
            doing: "read",
            path: path.to_owned(),
            source,
        })?;
        bytes
            .and_then(|bytes| Self::decode(&bytes))
            .map_err(|source| SnapshotError::Bad {
                path: path.to_owned(),
                source,
            })
    }

    fn write(&self, path: &Path) -> io::Result<()> {
        let mut file = BufWriter::new(File::create_new(path)?);
        let mut written = Ok(());
        let encoded = self.encode(|bytes| {
            if written.is_ok() {
                written = file.write_all(bytes);
            }
        });
        encoded.map_err(io::Error::other)?;
        written?;
        file.into_inner()?.sync_all()
    }
}

/// A file beside `path`, which no other draft has the name of.
fn draft_of(path: &Path) -> PathBuf {
    static DRAFTS: AtomicU64 = AtomicU64::new(0);
    let number = DRAFTS.fetch_add(1, Ordering::Relaxed);
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    path.with_file_name(format!(".{name}.{}-{number}.draft", std::process::id()))
}

/// The file's bytes, if its head says that they are as many as there are: no more is read than that.
fn read(path: &Path) -> io::Result<Result<Bytes, BadSnapshot>> {
    let mut file = File::open(path)?;
    let metadata = file.metadata()?;
    if !metadata.is_file() {
        return Err(io::Error::other("it is not a file"));
    }
    let mut bytes = Vec::new();
    let head = u64::try_from(Snapshot::HEAD_BYTES).unwrap_or(u64::MAX);
    (&mut file).take(head).read_to_end(&mut bytes)?;
    if let Err(bad) = Snapshot::check_head(&bytes, metadata.len()) {
        return Ok(Err(bad));
    }
    let rest = metadata.len().saturating_sub(head);
    file.take(rest).read_to_end(&mut bytes)?;
    Ok(Ok(bytes.into()))
}

#[cfg(test)]
mod tests;
