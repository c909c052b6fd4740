//! A cluster in memory that is recorded, and runs again to the same answers when its test is done with it.

use std::fs;
use std::ops::Deref;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use fauxka::in_memory::InMemory;
use fauxka::recording::Recording;
use fauxka::{Builder, StartError};

pub(crate) struct Cluster {
    running: Option<InMemory>,
    recording: PathBuf,
}

/// Starts the cluster; the recording of a test that fails stays.
pub(crate) fn start(builder: Builder) -> Result<Cluster, StartError> {
    static CLUSTERS: AtomicU64 = AtomicU64::new(0);
    let number = CLUSTERS.fetch_add(1, Ordering::Relaxed);
    let test = std::thread::current();
    let test = test.name().unwrap_or("test").replace("::", "-");
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).with_file_name("recordings");
    fs::create_dir_all(&folder).unwrap();
    let recording = folder.join(format!("in-memory-{test}-{number}.run"));
    let running = builder.record_over(&recording).start_in_memory();
    let running = running.inspect_err(|_| drop(fs::remove_file(&recording)))?;
    Ok(Cluster {
        running: Some(running),
        recording,
    })
}

impl Deref for Cluster {
    type Target = InMemory;

    fn deref(&self) -> &InMemory {
        self.running.as_ref().unwrap()
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        drop(self.running.take());
        let path = self.recording.display();
        if std::thread::panicking() {
            eprintln!("what happened is recorded: fauxka rerun {path}");
            return;
        }
        let rerun = Recording::load(&self.recording).unwrap().rerun().unwrap();
        assert_eq!(rerun.difference(), None, "fauxka rerun {path}");
        assert!(rerun.is_whole() && rerun.ended().is_none(), "{path}");
        fs::remove_file(&self.recording).unwrap();
    }
}
