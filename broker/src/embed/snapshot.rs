//! Snapshots, from a test: taken, put back, saved and loaded.

use std::fs::{self, File};
use std::io::{self, BufWriter, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use bytes::Bytes;

use super::node::wait;
use super::{Broker, Builder, CommandError};
use crate::engine::origin::Said;
use crate::engine::snapshot::{BadSnapshot, Snapshot};

/// Why a snapshot cannot be saved or loaded.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SnapshotError {
    /// The file cannot be written or read.
    #[error("cannot {doing} {}", path.display())]
    File {
        /// Whether it is to be written or read.
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
    /// What the cluster is now: topics with their records, groups and committed offsets, transactions that are open,
    /// producers, settings, leaders and in-sync replicas. What lives in memory alone is not in it: connections, fetch
    /// sessions, rebalances that are under way. Fault rules and the journal belong to the test, and are not in it either.
    ///
    /// ```
    /// let broker = fauxka::Broker::builder().topic("orders", 1, 1).start_blocking()?;
    /// broker.produce("orders").value("first").send()?;
    /// let before = broker.snapshot();
    /// broker.produce("orders").value("second").send()?;
    /// broker.create_topic("payments").create()?;
    /// broker.restore(&before)?;
    /// assert_eq!(broker.topics().len(), 1);
    /// assert_eq!(broker.partition("orders", 0).values()?, ["first"]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn snapshot(&self) -> Snapshot {
        self.started.shared.snapshot()
    }

    /// Makes the cluster what it was when the snapshot was taken, all of it or nothing. To clients that is a restart of
    /// every node: connections stay, except for those that wait for an answer, which are closed; members that the
    /// snapshot knows have their whole session again, others are told UNKNOWN_MEMBER_ID and join anew. With a manual
    /// clock the time of day is again what it was. Fault rules, the journal and nodes that were added stay.
    ///
    /// # Errors
    /// When the snapshot needs nodes or features that are not here, or a node's port is taken meanwhile; nothing has
    /// changed then.
    pub fn restore(&self, snapshot: &Snapshot) -> Result<(), CommandError> {
        let closing = self.started.shared.restore(snapshot)?;
        wait(&self.started.shared, closing);
        Ok(())
    }
}

impl Builder {
    /// Starts the cluster from a snapshot: with its nodes, topics, groups and settings. What else is said of the builder
    /// comes on top. With a manual clock the cluster begins at the snapshot's time of day. [`Broker::reset`] makes it
    /// that again.
    ///
    /// ```
    /// use fauxka::{Broker, Snapshot};
    ///
    /// # let folder = std::env::temp_dir().join(format!("fauxka-doc-{}", std::process::id()));
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
        self.origin.snapshot = Some(Said {
            what: snapshot,
            place: None,
        });
        self
    }
}

impl Snapshot {
    /// Writes the snapshot to a file. Whoever reads the file meanwhile finds the old one or the new one, whole.
    ///
    /// # Errors
    /// When the file cannot be written.
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
    /// # Errors
    /// When the file cannot be read, or is not a snapshot of this release or an older one, whole and undamaged.
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
