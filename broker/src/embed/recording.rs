//! Recordings: a cluster's whole run in a file, and having it run again.

mod lines;
mod rerun;
mod serve;
mod start;

use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::builder::Builder;
use crate::engine::recording::{self, Entry, Head};
use crate::server::recorder::{BYTES_MAX, Target};
use lines::Lines;

pub use serve::Serve;
pub use start::StartRecording;

/// Everything that happened to a cluster, in a file: its settings and seed, every request, every command of the test,
/// every moment at which something was due, and a digest of each answer. From [`Builder::record`] or
/// `fauxka serve --record`.
///
/// ```
/// use fauxka::Broker;
/// use fauxka::recording::Recording;
///
/// # let path = std::env::temp_dir().join(format!("fauxka-doc-{}.run", std::process::id()));
/// let broker = Broker::builder().topic("orders", 1, 1).record(&path).start_blocking()?;
/// broker.produce("orders").value("first").send()?;
/// drop(broker);
///
/// let rerun = Recording::load(&path)?.rerun()?;
/// assert_eq!(rerun.difference(), None);
/// assert!(rerun.inputs() > 0);
/// # std::fs::remove_file(&path)?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct Recording {
    path: PathBuf,
    head: Head,
}

/// A recording that has happened again, or some of it.
///
/// ```
/// # let path = std::env::temp_dir().join(format!("fauxka-doc-rerun-type-{}.run", std::process::id()));
/// # let recorded = fauxka::Broker::builder().topic("orders", 1, 1).seed(7).record(&path).start_blocking()?;
/// # recorded.produce("orders").value("first").send()?;
/// # drop(recorded);
/// let rerun = fauxka::recording::Recording::load(&path)?.rerun()?;
/// assert_eq!(rerun.difference(), None);
/// # std::fs::remove_file(&path)?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct Rerun {
    rerun: recording::Rerun,
    seed: u64,
    difference: Option<String>,
    ended: Option<String>,
    is_whole: bool,
}

/// How far a rerun goes.
///
/// ```
/// # let path = std::env::temp_dir().join(format!("fauxka-doc-until-{}.run", std::process::id()));
/// # let recorded = fauxka::Broker::builder().topic("orders", 1, 1).seed(7).record(&path).start_blocking()?;
/// # recorded.produce("orders").value("first").send()?;
/// # drop(recorded);
/// use fauxka::recording::{Recording, Until};
///
/// let recording = Recording::load(&path)?;
/// assert_eq!(recording.rerun_until(Until::Input(1))?.inputs(), 1);
/// assert_eq!(recording.rerun_until(Until::End)?.difference(), None);
/// # std::fs::remove_file(&path)?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum Until {
    /// To the end of the recording.
    #[default]
    End,
    /// So many inputs.
    Input(u64),
    /// The last input that came at this time on the cluster's clock, or before.
    Time(Duration),
}

/// Why a recording cannot be run.
///
/// ```
/// use fauxka::recording::{BadRecording, Recording};
///
/// let error = Recording::load("nowhere.run").unwrap_err();
/// assert!(matches!(error, BadRecording::File { .. }));
/// ```
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BadRecording {
    /// The file cannot be read.
    #[error("cannot read {}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What the operating system says.
        source: io::Error,
    },
    /// The file holds something else, or is damaged.
    #[error("{}, line {line}, byte {byte}: {why}", path.display())]
    Bad {
        /// The file.
        path: PathBuf,
        /// Where in the unpacked file, from 1.
        line: u64,
        /// The same, by bytes from the beginning of the file, from 1.
        byte: u64,
        /// What is wrong.
        why: String,
    },
}

impl Builder {
    /// Writes down everything that happens to the cluster, in a new file. Passwords and tokens of clients that log in
    /// are not in it. It is readable at any time, also after the process was killed, and whole once the cluster has
    /// stopped. It ends, and the log says so, when it has 1 GiB or the disk is full; the cluster goes on.
    ///
    /// ```
    /// # let path = std::env::temp_dir().join(format!("fauxka-doc-builder-record-{}.run", std::process::id()));
    /// let broker = fauxka::Broker::builder().record(&path).start_blocking()?;
    /// assert!(broker.recording().is_some_and(|recording| recording.running));
    /// # std::fs::remove_file(&path)?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn record(mut self, path: impl Into<PathBuf>) -> Self {
        self.record = Some(Target {
            path: path.into(),
            force: false,
            bytes_max: BYTES_MAX,
        });
        self
    }

    /// The same, over a file that is there.
    ///
    /// ```
    /// # let path = std::env::temp_dir().join(format!("fauxka-doc-record-over-{}.run", std::process::id()));
    /// std::fs::write(&path, "an older run")?;
    /// assert!(fauxka::Broker::builder().record(&path).start_blocking().is_err());
    /// let broker = fauxka::Broker::builder().record_over(&path).start_blocking()?;
    /// assert!(broker.recording().is_some());
    /// # std::fs::remove_file(&path)?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn record_over(self, path: impl Into<PathBuf>) -> Self {
        let mut builder = self.record(path);
        if let Some(target) = &mut builder.record {
            target.force = true;
        }
        builder
    }

    /// How many bytes a recording may have in its file; 1 GiB by default.
    ///
    /// ```
    /// # let path = std::env::temp_dir().join(format!("fauxka-doc-record-bytes-{}.run", std::process::id()));
    /// let broker = fauxka::Broker::builder().record(&path).record_bytes(64 << 20).start_blocking()?;
    /// assert!(broker.recording().is_some_and(|recording| recording.ended.is_none()));
    /// # std::fs::remove_file(&path)?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub const fn record_bytes(mut self, bytes: u64) -> Self {
        if let Some(target) = &mut self.record {
            target.bytes_max = bytes;
        }
        self
    }
}

impl Recording {
    /// Opens a recording and reads what the cluster was.
    ///
    /// ```
    /// # let path = std::env::temp_dir().join(format!("fauxka-doc-load-{}.run", std::process::id()));
    /// # let recorded = fauxka::Broker::builder().topic("orders", 1, 1).seed(7).record(&path).start_blocking()?;
    /// # recorded.produce("orders").value("first").send()?;
    /// # drop(recorded);
    /// let recording = fauxka::recording::Recording::load(&path)?;
    /// assert_eq!(recording.seed(), 7);
    /// # std::fs::remove_file(&path)?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// The file cannot be read, or does not begin as a recording does.
    pub fn load(path: impl AsRef<Path>) -> Result<Self, BadRecording> {
        let path = path.as_ref();
        let mut lines = Lines::open(path)?;
        let line = lines
            .next()?
            .ok_or_else(|| lines.bad("the file is empty"))?;
        let head = lines.read(&line).map_err(|unreadable| {
            let Ok(Signature { recorded_by }) = serde_json::from_slice(&line) else {
                return unreadable.bad.of("this is no recording");
            };
            let own = env!("CARGO_PKG_VERSION");
            let by = format!("Fauxka {recorded_by} made the recording, and this is {own}");
            unreadable.bad.of(&by)
        })?;
        Ok(Self {
            path: path.to_owned(),
            head,
        })
    }

    /// The version of Fauxka that made it. Another version runs it as far as the two agree, and says where they do not.
    ///
    /// ```
    /// # let path = std::env::temp_dir().join(format!("fauxka-doc-recorded-by-{}.run", std::process::id()));
    /// # let recorded = fauxka::Broker::builder().topic("orders", 1, 1).seed(7).record(&path).start_blocking()?;
    /// # recorded.produce("orders").value("first").send()?;
    /// # drop(recorded);
    /// let recording = fauxka::recording::Recording::load(&path)?;
    /// assert_eq!(recording.recorded_by(), env!("CARGO_PKG_VERSION"));
    /// # std::fs::remove_file(&path)?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn recorded_by(&self) -> &str {
        &self.head.recorded_by
    }

    /// The cluster's seed.
    ///
    /// ```
    /// # let path = std::env::temp_dir().join(format!("fauxka-doc-seed-{}.run", std::process::id()));
    /// # let recorded = fauxka::Broker::builder().topic("orders", 1, 1).seed(7).record(&path).start_blocking()?;
    /// # recorded.produce("orders").value("first").send()?;
    /// # drop(recorded);
    /// let recording = fauxka::recording::Recording::load(&path)?;
    /// assert_eq!(recording.seed(), 7);
    /// # std::fs::remove_file(&path)?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub const fn seed(&self) -> u64 {
        self.head.seed
    }

    /// Has all of it happen again, without sockets and without waiting, and compares every answer. Stops at the first
    /// that differs.
    ///
    /// ```
    /// # let path = std::env::temp_dir().join(format!("fauxka-doc-rerun-{}.run", std::process::id()));
    /// # let recorded = fauxka::Broker::builder().topic("orders", 1, 1).seed(7).record(&path).start_blocking()?;
    /// # recorded.produce("orders").value("first").send()?;
    /// # drop(recorded);
    /// let recording = fauxka::recording::Recording::load(&path)?;
    /// assert_eq!(recording.rerun()?.difference(), None);
    /// # std::fs::remove_file(&path)?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// The file is damaged, or this version cannot make such a cluster.
    pub fn rerun(&self) -> Result<Rerun, BadRecording> {
        self.rerun_until(Until::End)
    }

    /// The same, up to some moment.
    ///
    /// ```
    /// # let path = std::env::temp_dir().join(format!("fauxka-doc-rerun-until-{}.run", std::process::id()));
    /// # let recorded = fauxka::Broker::builder().topic("orders", 1, 1).seed(7).record(&path).start_blocking()?;
    /// # recorded.produce("orders").value("first").send()?;
    /// # drop(recorded);
    /// use std::time::Duration;
    ///
    /// use fauxka::recording::Until;
    ///
    /// let recording = fauxka::recording::Recording::load(&path)?;
    /// let rerun = recording.rerun_until(Until::Time(Duration::from_secs(60)))?;
    /// assert!(rerun.elapsed() <= Duration::from_secs(60));
    /// # std::fs::remove_file(&path)?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// The file is damaged, or this version cannot make such a cluster.
    pub fn rerun_until(&self, until: Until) -> Result<Rerun, BadRecording> {
        let mut lines = Lines::open(&self.path)?;
        lines.next()?;
        let rerun = recording::Rerun::new(&self.head);
        let mut rerun = Rerun {
            rerun: rerun.map_err(|error| lines.bad(error))?,
            seed: self.head.seed,
            difference: None,
            ended: None,
            is_whole: true,
        };
        while let Some(line) = lines.next()? {
            let entry: Entry = match lines.read(&line) {
                Ok(entry) => entry,
                Err(unreadable) if unreadable.is_sound && self.is_strange() => {
                    rerun.difference =
                        Some(unreadable.bad.of("this version cannot read on").to_string());
                    break;
                }
                Err(unreadable) => return Err(unreadable.bad),
            };
            if until.is_before(&entry, rerun.inputs()) {
                break;
            }
            if let Entry::Ended { why } = &entry {
                rerun.ended = Some(why.clone());
            }
            if let Err(difference) = rerun.rerun.take(entry) {
                rerun.difference = Some(difference.to_string());
                break;
            }
        }
        rerun.is_whole = !lines.is_cut_off;
        Ok(rerun)
    }
}

impl Recording {
    /// Whether another version made it.
    fn is_strange(&self) -> bool {
        self.recorded_by() != env!("CARGO_PKG_VERSION")
    }
}

impl BadRecording {
    /// The same, with what it is about before what is wrong.
    fn of(mut self, what: &str) -> Self {
        if let Self::Bad { why, .. } = &mut self {
            *why = format!("{what}: {why}");
        }
        self
    }
}

/// What the first line of every version's recordings has.
#[derive(Debug, serde::Deserialize)]
struct Signature {
    recorded_by: String,
}

impl Until {
    /// Whether the rerun stops before an entry, after so many inputs.
    fn is_before(self, entry: &Entry, inputs: u64) -> bool {
        let Entry::Input { elapsed_ns, .. } = entry else {
            return false;
        };
        match self {
            Self::End => false,
            Self::Input(last) => inputs >= last,
            Self::Time(last) => u128::from(*elapsed_ns) > last.as_nanos(),
        }
    }
}

#[cfg(test)]
mod tests;
