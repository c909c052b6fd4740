//! The journal's rows in a file, as they happen: JSON lines, written on a thread of its own, so that nobody waits for the disk.

use std::fs::{File, OpenOptions};
use std::io::{self, Seek as _, Write as _};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread::JoinHandle;

use super::recorder::BadTarget;
use crate::engine::journal::Row;

/// What may wait for the disk, roughly.
const QUEUED_BYTES_MAX: usize = 64 * 1024 * 1024;
/// How much is written at once while more waits.
const WRITE_BYTES: usize = 256 * 1024;

/// A file that rows go to.
#[derive(Debug, Clone)]
pub(crate) struct JournalTarget {
    pub(crate) path: PathBuf,
    /// A file that is there is written over.
    pub(crate) force: bool,
}

/// A file that is being written.
#[derive(Debug)]
pub(crate) struct JournalFile {
    rows: Sender<Arc<Row>>,
    queued: Arc<AtomicUsize>,
    writer: Option<JoinHandle<()>>,
    /// Nothing more is taken, and the log says why.
    is_over: bool,
}

impl JournalFile {
    /// Begins a file.
    ///
    /// # Errors
    /// It cannot be written, or is there already.
    #[expect(
        clippy::disallowed_methods,
        reason = "the disk may be slow, and rows come under the engine's lock"
    )]
    pub(crate) fn begin(target: &JournalTarget) -> Result<Self, BadTarget> {
        let path = target.path.clone();
        let mut options = OpenOptions::new();
        options.write(true);
        if target.force {
            options.create(true).truncate(true);
        } else {
            options.create_new(true);
        }
        let file = options.open(&path).map_err(|source| {
            let path = path.clone();
            if source.kind() == io::ErrorKind::AlreadyExists {
                BadTarget::Exists(path)
            } else {
                BadTarget::Io { path, source }
            }
        })?;
        let (rows, queue) = channel();
        let queued = Arc::new(AtomicUsize::new(0));
        let taken = Arc::clone(&queued);
        let writer = std::thread::spawn(move || {
            if let Err(error) = write_all(&file, &queue, &taken) {
                tracing::warn!("the journal's file {} ends: {error}", path.display());
            }
        });
        Ok(Self {
            rows,
            queued,
            writer: Some(writer),
            is_over: false,
        })
    }

    /// Has rows written.
    pub(crate) fn put<'a>(&mut self, rows: impl Iterator<Item = &'a Arc<Row>>) {
        for row in rows {
            if self.is_over {
                return;
            }
            let bytes = row.bytes();
            let queued = self.queued.fetch_add(bytes, Ordering::Relaxed);
            if queued > 0 && queued.saturating_add(bytes) > QUEUED_BYTES_MAX {
                self.is_over = true;
                tracing::warn!("the journal's file ends: the disk is too slow for what happens");
                return;
            }
            // Fails when the writer has ended, which it has said.
            self.is_over = self.rows.send(Arc::clone(row)).is_err();
        }
    }
}

/// Waits until all of it is written.
impl Drop for JournalFile {
    fn drop(&mut self) {
        let (nobody, _) = channel();
        drop(std::mem::replace(&mut self.rows, nobody));
        if let Some(writer) = self.writer.take() {
            // A panic of that thread was reported where it happened.
            let _ = writer.join();
        }
    }
}

/// Writes rows until there are no more. Only whole lines are written, each time by one call and with no buffer of our own:
/// so a process that is killed leaves whole lines.
fn write_all(file: &File, queue: &Receiver<Arc<Row>>, queued: &AtomicUsize) -> io::Result<()> {
    let mut whole = 0;
    while let Ok(first) = queue.recv() {
        let mut lines = String::new();
        let mut row = Some(first);
        while let Some(next) = row {
            lines.push_str(&next.to_json_line());
            queued.fetch_sub(next.bytes(), Ordering::Relaxed);
            row = (lines.len() < WRITE_BYTES)
                .then(|| queue.try_recv().ok())
                .flatten();
        }
        let mut to = file;
        if let Err(error) = to.write_all(lines.as_bytes()) {
            // A full disk may have taken part of a line.
            let _ = file.set_len(whole).and_then(|()| to.rewind());
            return Err(error);
        }
        let bytes = u64::try_from(lines.len()).unwrap_or(u64::MAX);
        whole = whole.saturating_add(bytes);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::journal::Event;

    fn row(sequence: u64) -> Arc<Row> {
        Arc::new(Row {
            sequence,
            elapsed_ms: 0,
            wall_ms: 0,
            event: Event::NodeStopped { node: 1 },
        })
    }

    fn target(name: &str, force: bool) -> JournalTarget {
        let name = format!("fauxka-{name}-{}.jsonl", std::process::id());
        JournalTarget {
            path: std::env::temp_dir().join(name),
            force,
        }
    }

    #[test]
    fn rows_are_lines_and_no_file_is_written_over() {
        let new = target("rows", false);
        let mut file = JournalFile::begin(&new).unwrap();
        file.put([row(1), row(2)].iter());
        drop(file);
        let written = std::fs::read_to_string(&new.path).unwrap();
        let lines: Vec<_> = written.lines().collect();
        assert_eq!(lines.len(), 2);
        assert!(lines[1].starts_with(r#"{"sequence":2,"#), "{written}");
        assert!(matches!(
            JournalFile::begin(&new),
            Err(BadTarget::Exists(_))
        ));
        drop(JournalFile::begin(&target("rows", true)).unwrap());
        assert_eq!(std::fs::read_to_string(&new.path).unwrap(), "");
        std::fs::remove_file(&new.path).unwrap();
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_full_disk_ends_the_file_and_nothing_else() {
        let (rows, queue) = channel();
        let file = OpenOptions::new().write(true).open("/dev/full").unwrap();
        rows.send(row(1)).unwrap();
        drop(rows);
        let error = write_all(&file, &queue, &AtomicUsize::new(1 << 20)).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::StorageFull);
        let full = JournalTarget {
            path: "/dev/full".into(),
            force: true,
        };
        let mut file = JournalFile::begin(&full).unwrap();
        while !file.is_over {
            file.put([row(1)].iter());
        }
    }
}
