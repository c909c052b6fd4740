//! Writing down what happens to a cluster: to a file, on a thread of its own, so that nobody waits for the disk.

mod pen;

use std::collections::HashSet;
use std::fs::OpenOptions;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;

use crate::engine::ids::ConnectionId;
use crate::engine::recording::{Entry, Head};
use pen::{Line, Pen};

/// The largest recording unless another size is asked for.
pub(crate) const BYTES_MAX: u64 = 1 << 30;

/// What may wait for the disk.
const QUEUED_BYTES_MAX: u64 = 64 * 1024 * 1024;

/// A file that nobody has yet, or may be written over.
#[derive(Debug, thiserror::Error)]
pub(crate) enum BadTarget {
    #[error("{0} is there already: name another file, or say that it may be written over")]
    Exists(PathBuf),
    #[error("{path} cannot be written: {source}")]
    Io { path: PathBuf, source: io::Error },
    #[error("{path} cannot be written: {why}")]
    Ended { path: PathBuf, why: String },
}

/// Where a recording goes, and how large it may become.
#[derive(Debug, Clone)]
pub(crate) struct Target {
    pub(crate) path: PathBuf,
    /// A file that is there is written over.
    pub(crate) force: bool,
    /// Compressed; the recording ends, and says so, when it has as many.
    pub(crate) bytes_max: u64,
}

/// What a recording is written to.
pub(super) struct Paper {
    path: PathBuf,
    to: Box<dyn io::Write + Send>,
    bytes_max: u64,
}

/// How far a recording has come.
#[derive(Debug, Default)]
pub(super) struct Progress {
    /// On the disk, compressed.
    bytes: AtomicU64,
    inputs: AtomicU64,
    queued: AtomicU64,
    /// Why it ended before anybody ended it.
    ended: Mutex<Option<String>>,
}

/// A recording that is being written.
#[derive(Debug)]
pub(crate) struct Recorder {
    path: PathBuf,
    lines: Sender<Line>,
    progress: Arc<Progress>,
    writer: Option<JoinHandle<()>>,
    /// Whose requests it has. An answer to a request from before it began is none of its.
    asked: HashSet<ConnectionId>,
    /// Nothing more is taken; the writer says why.
    is_over: bool,
}

impl Target {
    /// Opens the file.
    ///
    /// # Errors
    /// It is there already, or cannot be written.
    pub(super) fn open(&self) -> Result<Paper, BadTarget> {
        let mut options = OpenOptions::new();
        options.write(true);
        if self.force {
            options.create(true).truncate(true);
        } else {
            options.create_new(true);
        }
        let file = options.open(&self.path).map_err(|source| {
            let path = self.path.clone();
            if source.kind() == io::ErrorKind::AlreadyExists {
                BadTarget::Exists(path)
            } else {
                BadTarget::Io { path, source }
            }
        })?;
        Ok(Paper {
            path: self.path.clone(),
            to: Box::new(file),
            bytes_max: self.bytes_max,
        })
    }
}

impl Progress {
    pub(super) fn bytes(&self) -> u64 {
        self.bytes.load(Ordering::Relaxed)
    }

    pub(super) fn inputs(&self) -> u64 {
        self.inputs.load(Ordering::Relaxed)
    }

    /// Why it ended before anybody ended it.
    pub(super) fn ended(&self) -> Option<String> {
        let ended = self.ended.lock();
        ended.unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Says why it ends; the first reason counts.
    fn end(&self, why: &str) {
        let mut ended = self.ended.lock().unwrap_or_else(PoisonError::into_inner);
        ended.get_or_insert_with(|| why.to_owned());
    }
}

impl Recorder {
    /// Begins a recording, and waits until anyone who reads the file finds one.
    ///
    /// # Errors
    /// The file cannot be written.
    pub(crate) fn begin(target: &Target, head: Head) -> Result<Self, BadTarget> {
        let (recorder, begun) = Self::write_to(target.open()?, head);
        settle(&begun, &recorder.path, &recorder.progress)?;
        Ok(recorder)
    }

    /// Begins a recording, and says who hears once it can be read.
    #[expect(
        clippy::disallowed_methods,
        reason = "the disk may be slow, and anyone who records holds the engine's lock"
    )]
    pub(super) fn write_to(paper: Paper, head: Head) -> (Self, Receiver<()>) {
        let (lines, queue) = channel();
        let (done, begun) = channel();
        let progress = Arc::<Progress>::default();
        let path = paper.path.clone();
        let pen = Pen::new(paper, Arc::clone(&progress));
        // The thread takes it as soon as it is there.
        let _ = lines.send(Line::Head(Box::new(head), done));
        let recorder = Self {
            path,
            lines,
            progress,
            writer: Some(std::thread::spawn(move || pen.write_all(&queue))),
            asked: HashSet::new(),
            is_over: false,
        };
        (recorder, begun)
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    pub(super) const fn progress(&self) -> &Arc<Progress> {
        &self.progress
    }

    /// Hears once all that was written down is in the file.
    pub(super) fn flush(&self) -> Receiver<()> {
        let (done, flushed) = channel();
        // When the writer has ended, nobody answers.
        let _ = self.lines.send(Line::Flush(done));
        flushed
    }

    /// Writes an entry down. One that answers a request which the recording does not have is left out. Says whether the
    /// recording goes on.
    pub(super) fn note(&mut self, entry: &Entry) -> bool {
        if !self.is_over && self.belongs(entry) {
            match serde_json::to_vec(entry) {
                Ok(line) => self.put(line),
                Err(error) => self.end(&format!("an entry cannot be written down: {error}")),
            }
        }
        !self.is_over
    }

    fn belongs(&mut self, entry: &Entry) -> bool {
        if let Some(answered) = entry.answers() {
            return self.asked.contains(&answered);
        }
        self.progress.inputs.fetch_add(1, Ordering::Relaxed);
        if let Some(asked) = entry.asks() {
            self.asked.insert(asked);
        }
        if let Some(closed) = entry.closes() {
            self.asked.remove(&closed);
        }
        true
    }

    fn put(&mut self, line: Vec<u8>) {
        let bytes = u64::try_from(line.len()).unwrap_or(u64::MAX);
        let queued = self.progress.queued.fetch_add(bytes, Ordering::Relaxed);
        if queued.saturating_add(bytes) > QUEUED_BYTES_MAX && queued > 0 {
            return self.end("the disk is too slow for what happens");
        }
        // Fails when the writer has ended, which it has said.
        self.is_over |= self.lines.send(Line::Entry(line)).is_err();
    }

    fn end(&mut self, why: &str) {
        self.is_over = true;
        let path = self.path.display();
        tracing::warn!("the recording {path} ends: {why}");
        self.progress.end(why);
        let why = why.to_owned();
        if let Ok(line) = serde_json::to_vec(&Entry::Ended { why }) {
            let _ = self.lines.send(Line::Entry(line));
        }
    }
}

/// Waits until a recording has all in its file that was written down.
///
/// # Errors
/// The recording has ended before.
pub(super) fn settle(
    flushed: &Receiver<()>,
    path: &Path,
    progress: &Progress,
) -> Result<(), BadTarget> {
    flushed.recv().map_err(|_| BadTarget::Ended {
        path: path.to_owned(),
        why: progress.ended().unwrap_or_default(),
    })
}

/// Waits until all of it is on the disk.
impl Drop for Recorder {
    fn drop(&mut self) {
        let (nobody, _) = channel();
        drop(std::mem::replace(&mut self.lines, nobody));
        if let Some(writer) = self.writer.take() {
            // A panic of that thread was reported where it happened.
            let _ = writer.join();
        }
    }
}

#[cfg(test)]
mod tests;
