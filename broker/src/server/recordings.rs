//! What a cluster holds on to of its recordings.

use std::fs;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde::Serialize;

use super::recorder::{Progress, Recorder};
use crate::engine::recording::Entry;

/// What is being recorded, and what was recorded last.
#[derive(Debug, Default)]
pub(super) struct Recordings {
    /// Spares everybody the lock while nothing is recorded. Becomes true under the engine's, so that a recording has all
    /// that the engine took from then on.
    pub(super) is_recording: AtomicBool,
    /// Locked after the engine, where both are.
    pub(super) recorder: Mutex<Option<Recorder>>,
    /// Locked by anyone who begins or ends a recording, before all else.
    pub(super) latest: Mutex<Option<Latest>>,
}

/// The recording that began last.
#[derive(Debug)]
pub(super) struct Latest {
    pub(super) path: PathBuf,
    /// The file is the process's own, and gone with it or with the next recording.
    pub(super) is_own: bool,
    pub(super) progress: Arc<Progress>,
}

/// A recording of a running cluster: the running one, or the last one.
///
/// ```
/// let broker = fauxka::Broker::builder().start_blocking()?;
/// assert_eq!(broker.recording(), None, "nobody has asked for one");
/// # Ok::<(), fauxka::StartError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "control", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "control", schema(example = json!({
    "file": "/tmp/orders.run", "running": true, "inputs": 1842, "bytes": 73_311, "ended": null
})))]
#[non_exhaustive]
pub struct Status {
    /// The path of the file, on the cluster's machine.
    #[cfg_attr(feature = "control", schema(value_type = String))]
    pub file: PathBuf,
    /// Whether it is running.
    pub running: bool,
    /// The number of inputs: requests, commands, and moments at which something was due.
    pub inputs: u64,
    /// The size of the file so far, compressed.
    pub bytes: u64,
    /// Why it ended by itself, if it did: its size, or a full disk.
    pub ended: Option<String>,
}

impl Latest {
    pub(super) fn status(&self, is_written: bool) -> Status {
        let ended = self.progress.ended();
        Status {
            file: self.path.clone(),
            running: is_written && ended.is_none(),
            inputs: self.progress.inputs(),
            bytes: self.progress.bytes(),
            ended,
        }
    }
}

impl Drop for Latest {
    fn drop(&mut self) {
        if self.is_own {
            // Anyone who cleans up the folder of temporary files may have been faster.
            let _ = fs::remove_file(&self.path);
        }
    }
}

impl Recordings {
    pub(super) fn recorder(&self) -> MutexGuard<'_, Option<Recorder>> {
        self.recorder.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn latest(&self) -> MutexGuard<'_, Option<Latest>> {
        self.latest.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn install(&self, recorder: Recorder) {
        let mut place = self.recorder();
        *place = Some(recorder);
        self.is_recording.store(true, Ordering::Relaxed);
    }

    pub(super) fn note(&self, entry: &Entry) {
        if let Some(recorder) = &mut *self.recorder()
            && !recorder.note(entry)
        {
            self.is_recording.store(false, Ordering::Relaxed);
        }
    }

    /// What has been written is on the disk when this returns.
    pub(super) fn end(&self) {
        let ended = {
            let mut place = self.recorder();
            self.is_recording.store(false, Ordering::Relaxed);
            place.take()
        };
        // Waits for the disk, and nobody for that.
        drop(ended);
    }
}
