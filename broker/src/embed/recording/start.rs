//! Recording a cluster that runs already.

use std::path::PathBuf;

use crate::embed::broker::{Broker, wait_blocking};
use crate::embed::error::CommandError;
use crate::server::recording::{Status, Wanted};

/// A recording to begin; from [`Broker::record`].
///
/// ```
/// # let path = std::env::temp_dir().join(format!("fauxka-doc-start-type-{}.run", std::process::id()));
/// let broker = fauxka::Broker::builder().topic("orders", 1, 1).start_blocking()?;
/// broker.record(&path).start_blocking()?;
/// assert!(path.exists());
/// broker.stop_recording()?;
/// # std::fs::remove_file(&path)?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
#[must_use = "nothing is recorded until it is started"]
pub struct StartRecording<'a> {
    broker: &'a Broker,
    wanted: Wanted,
}

impl Broker {
    /// Describes a recording of the cluster from now on, in a new file.
    ///
    /// A rerun has to begin with a cluster that it can make, so at the start of a recording every coordinator loads its
    /// groups and transactions again, as after a restart of all nodes: clients keep their connections, those that wait for
    /// an answer are disconnected and ask again, and members that have not written down their generation join again.
    ///
    /// ```
    /// use fauxka::Broker;
    /// use fauxka::recording::Recording;
    ///
    /// # let path = std::env::temp_dir().join(format!("fauxka-doc-start-{}.run", std::process::id()));
    /// let broker = Broker::builder().topic("orders", 1, 1).start_blocking()?;
    /// broker.produce("orders").value("before").send()?;
    ///
    /// broker.record(&path).start_blocking()?;
    /// broker.produce("orders").value("after").send()?;
    /// let stopped = broker.stop_recording()?;
    /// assert_eq!(stopped.inputs, 1);
    ///
    /// let rerun = Recording::load(&path)?.rerun()?;
    /// assert_eq!(rerun.difference(), None);
    /// assert_eq!(rerun.topics()[0].partitions[0].log_end_offset, 2);
    /// # std::fs::remove_file(&path)?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn record(&self, path: impl Into<PathBuf>) -> StartRecording<'_> {
        StartRecording {
            broker: self,
            wanted: Wanted {
                path: Some(path.into()),
                ..Wanted::default()
            },
        }
    }

    /// Ends the recording, from [`Builder::record`](crate::Builder::record) or [`Broker::record`]. All of it is on the disk
    /// when this returns.
    ///
    /// ```
    /// # let path = std::env::temp_dir().join(format!("fauxka-doc-stop-{}.run", std::process::id()));
    /// let broker = fauxka::Broker::builder().topic("orders", 1, 1).start_blocking()?;
    /// broker.record(&path).start_blocking()?;
    /// broker.produce("orders").value("first").send()?;
    /// assert_eq!(broker.stop_recording()?.inputs, 1);
    /// # std::fs::remove_file(&path)?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// When nothing is being recorded.
    pub fn stop_recording(&self) -> Result<Status, CommandError> {
        Ok(self.started.shared.stop_recording()?)
    }

    /// The recording that is being written, or the last that was; none if the cluster was never recorded.
    ///
    /// ```
    /// # let path = std::env::temp_dir().join(format!("fauxka-doc-recording-{}.run", std::process::id()));
    /// let broker = fauxka::Broker::builder().topic("orders", 1, 1).start_blocking()?;
    /// assert!(broker.recording().is_none());
    /// broker.record(&path).start_blocking()?;
    /// assert!(broker.recording().is_some_and(|recording| recording.running));
    /// broker.stop_recording()?;
    /// # std::fs::remove_file(&path)?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn recording(&self) -> Option<Status> {
        self.started.shared.recording()
    }
}

impl StartRecording<'_> {
    /// Writes over the file, if it is there.
    ///
    /// ```
    /// # let path = std::env::temp_dir().join(format!("fauxka-doc-force-{}.run", std::process::id()));
    /// let broker = fauxka::Broker::builder().topic("orders", 1, 1).start_blocking()?;
    /// std::fs::write(&path, "something else")?;
    /// assert!(broker.record(&path).start_blocking().is_err());
    /// broker.record(&path).force().start_blocking()?;
    /// broker.stop_recording()?;
    /// # std::fs::remove_file(&path)?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub const fn force(mut self) -> Self {
        self.wanted.force = true;
        self
    }

    /// How many bytes the file may have; 1 GiB by default. The recording ends then, and the cluster goes on.
    ///
    /// ```
    /// # let path = std::env::temp_dir().join(format!("fauxka-doc-bytes-{}.run", std::process::id()));
    /// let broker = fauxka::Broker::builder().topic("orders", 1, 1).start_blocking()?;
    /// broker.record(&path).bytes(64 << 20).start_blocking()?;
    /// assert_eq!(broker.stop_recording()?.ended, None);
    /// # std::fs::remove_file(&path)?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub const fn bytes(mut self, bytes: u64) -> Self {
        self.wanted.bytes_max = bytes;
        self
    }

    /// Has the cluster start over first, as by [`Broker::reset`].
    ///
    /// ```
    /// # let path = std::env::temp_dir().join(format!("fauxka-doc-reset-{}.run", std::process::id()));
    /// let broker = fauxka::Broker::builder().topic("orders", 1, 1).start_blocking()?;
    /// broker.produce("orders").value("before").send()?;
    /// broker.record(&path).reset().start_blocking()?;
    /// assert!(broker.partition("orders", 0).values()?.is_empty());
    /// broker.stop_recording()?;
    /// # std::fs::remove_file(&path)?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub const fn reset(mut self) -> Self {
        self.wanted.reset = true;
        self
    }

    /// Begins the recording. The file says what the cluster is when this returns; its size is that of a snapshot.
    ///
    /// ```
    /// # let path = std::env::temp_dir().join(format!("fauxka-doc-start-{}.run", std::process::id()));
    /// let broker = fauxka::Broker::builder().topic("orders", 1, 1).start_blocking()?;
    /// # tokio::runtime::Builder::new_multi_thread().enable_all().build()?.block_on(async {
    /// broker.record(&path).start().await?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// # })?;
    /// broker.stop_recording()?;
    /// # std::fs::remove_file(&path)?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// The cluster is being recorded already, a coordinator's load is held, or the file is there or cannot be written.
    pub async fn start(self) -> Result<(), CommandError> {
        let shared = &self.broker.started.shared;
        let (_, closing) = shared.start_recording(&self.wanted)?;
        closing.wait().await;
        Ok(())
    }

    /// As [`StartRecording::start`], for tests without a runtime.
    ///
    /// ```
    /// # let path = std::env::temp_dir().join(format!("fauxka-doc-start-blocking-{}.run", std::process::id()));
    /// let broker = fauxka::Broker::builder().topic("orders", 1, 1).start_blocking()?;
    /// broker.record(&path).start_blocking()?;
    /// let twice = broker.record(&path).start_blocking();
    /// assert!(twice.is_err(), "it is being recorded already");
    /// broker.stop_recording()?;
    /// # std::fs::remove_file(&path)?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// The cluster is being recorded already, a coordinator's load is held, or the file is there or cannot be written.
    pub fn start_blocking(self) -> Result<(), CommandError> {
        let shared = &self.broker.started.shared;
        let (_, closing) = shared.start_recording(&self.wanted)?;
        wait_blocking(shared, closing);
        Ok(())
    }
}
