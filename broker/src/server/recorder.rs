//! Writing down what happens to a cluster: to a file, on a thread of its own, so that nobody waits for the disk.

use std::fs::{File, OpenOptions};
use std::io::{self, BufWriter, Write as _};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread::JoinHandle;

use flate2::Compression;
use flate2::write::GzEncoder;

use crate::engine::recording::{Entry, Head};

/// What may wait for the disk.
const QUEUED_BYTES_MAX: u64 = 64 * 1024 * 1024;

/// A file that nobody has yet, or may be written over.
#[derive(Debug, thiserror::Error)]
pub(crate) enum BadTarget {
    #[error("{0} is there already: name another file, or say that it may be written over")]
    Exists(PathBuf),
    #[error("{path} cannot be written: {source}")]
    Io { path: PathBuf, source: io::Error },
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

/// A recording that is being written.
#[derive(Debug)]
pub(crate) struct Recorder {
    lines: Sender<Vec<u8>>,
    queued: Arc<AtomicU64>,
    writer: Option<JoinHandle<()>>,
    /// Nothing more is taken; the writer says why.
    is_over: bool,
}

impl Target {
    fn create(&self) -> Result<File, BadTarget> {
        let mut options = OpenOptions::new();
        options.write(true);
        if self.force {
            options.create(true).truncate(true);
        } else {
            options.create_new(true);
        }
        options.open(&self.path).map_err(|source| {
            let path = self.path.clone();
            if source.kind() == io::ErrorKind::AlreadyExists {
                BadTarget::Exists(path)
            } else {
                BadTarget::Io { path, source }
            }
        })
    }
}

impl Recorder {
    /// Begins a recording.
    ///
    /// # Errors
    /// The file cannot be written.
    #[expect(
        clippy::disallowed_methods,
        reason = "the disk may be slow, and whoever records holds the engine's lock"
    )]
    pub(crate) fn begin(target: &Target, head: &Head) -> Result<Self, BadTarget> {
        let file = target.create()?;
        let (lines, queue) = channel();
        let queued = Arc::new(AtomicU64::new(0));
        let mut pen = Pen {
            path: target.path.clone(),
            to: GzEncoder::new(BufWriter::new(Counted::new(file)), Compression::fast()),
            bytes_max: target.bytes_max,
            queued: Arc::clone(&queued),
        };
        // Whoever reads the file from now on finds a recording.
        pen.write_head(head).map_err(|source| {
            let path = target.path.clone();
            BadTarget::Io { path, source }
        })?;
        let writer = std::thread::spawn(move || pen.write_all(&queue));
        Ok(Self {
            lines,
            queued,
            writer: Some(writer),
            is_over: false,
        })
    }

    /// Writes an entry down.
    pub(crate) fn note(&mut self, entry: &Entry) {
        if !self.is_over {
            self.put(serde_json::to_vec(entry));
        }
    }

    fn put(&mut self, line: serde_json::Result<Vec<u8>>) {
        let line = match line {
            Ok(line) => line,
            Err(error) => return self.end(&format!("an entry cannot be written down: {error}")),
        };
        let bytes = u64::try_from(line.len()).unwrap_or(u64::MAX);
        let queued = self.queued.fetch_add(bytes, Ordering::Relaxed);
        if queued.saturating_add(bytes) > QUEUED_BYTES_MAX && queued > 0 {
            return self.end("the disk is too slow for what happens");
        }
        // Fails when the writer has ended, which it has said.
        self.is_over |= self.lines.send(line).is_err();
    }

    fn end(&mut self, why: &str) {
        self.is_over = true;
        let why = why.to_owned();
        tracing::warn!("the recording ends: {why}");
        if let Ok(line) = serde_json::to_vec(&Entry::Ended { why }) {
            let _ = self.lines.send(line);
        }
    }
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

/// What writes.
#[derive(Debug)]
struct Pen {
    path: PathBuf,
    to: GzEncoder<BufWriter<Counted>>,
    bytes_max: u64,
    queued: Arc<AtomicU64>,
}

impl Pen {
    fn write_head(&mut self, head: &Head) -> io::Result<()> {
        self.to.write_all(&serde_json::to_vec(head)?)?;
        self.to.write_all(b"\n")?;
        self.to.flush()
    }

    /// Writes lines as they come, until there are no more. Whatever has been written can be read, should the process be
    /// killed.
    fn write_all(mut self, queue: &Receiver<Vec<u8>>) {
        while let Ok(line) = queue.recv() {
            let written = self.write(&line, queue);
            match written {
                Ok(true) => {}
                Ok(false) => {
                    let bytes = self.bytes_max;
                    return self
                        .say_ended(&format!("it has {bytes} bytes, as many as it may have"));
                }
                Err(error) => {
                    let path = self.path.display();
                    tracing::warn!("the recording {path} ends: {error}");
                    return;
                }
            }
        }
        if let Err(error) = self.finish() {
            tracing::warn!("the recording's end was not written: {error}");
        }
    }

    /// Writes a line and those that have come meanwhile. Says whether there is room for more.
    fn write(&mut self, first: &[u8], queue: &Receiver<Vec<u8>>) -> io::Result<bool> {
        self.write_line(first)?;
        while let Ok(line) = queue.try_recv() {
            self.write_line(&line)?;
            if self.has_room() {
                continue;
            }
            break;
        }
        self.to.flush()?;
        Ok(self.has_room())
    }

    fn write_line(&mut self, line: &[u8]) -> io::Result<()> {
        self.to.write_all(line)?;
        let bytes = u64::try_from(line.len()).unwrap_or(u64::MAX);
        self.queued.fetch_sub(bytes, Ordering::Relaxed);
        self.to.write_all(b"\n")
    }

    fn has_room(&self) -> bool {
        self.to.get_ref().get_ref().written < self.bytes_max
    }

    fn say_ended(mut self, why: &str) {
        tracing::warn!("the recording {} ends: {why}", self.path.display());
        let why = why.to_owned();
        let mut line = serde_json::to_vec(&Entry::Ended { why }).unwrap_or_default();
        line.push(b'\n');
        let ended = self.to.write_all(&line).and_then(|()| self.finish());
        if let Err(error) = ended {
            tracing::warn!("the recording's end was not written: {error}");
        }
    }

    fn finish(self) -> io::Result<()> {
        self.to.finish()?.flush()
    }
}

/// A file that counts what is written to it.
#[derive(Debug)]
struct Counted {
    file: File,
    written: u64,
}

impl Counted {
    const fn new(file: File) -> Self {
        Self { file, written: 0 }
    }
}

impl io::Write for Counted {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.file.write(bytes)?;
        let more = u64::try_from(written).unwrap_or(u64::MAX);
        self.written = self.written.saturating_add(more);
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

/// The largest recording unless another size is asked for.
pub(crate) const BYTES_MAX: u64 = 1 << 30;
