//! What writes a recording, on its own thread.

use std::io::{self, BufWriter, Write as _};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::sync::mpsc::{Receiver, Sender};

use flate2::Compression;
use flate2::write::GzEncoder;

use super::{Paper, Progress};
use crate::engine::recording::{Entry, Head};

/// What is to be written.
pub(super) enum Line {
    /// Anyone who waits for it to be in the file hears of that.
    Head(Box<Head>, Sender<()>),
    Entry(Vec<u8>),
    /// The same of all that came before.
    Flush(Sender<()>),
}

pub(super) struct Pen {
    path: PathBuf,
    to: GzEncoder<BufWriter<Counted>>,
    bytes_max: u64,
    progress: Arc<Progress>,
}

impl Pen {
    pub(super) fn new(paper: Paper, progress: Arc<Progress>) -> Self {
        let to = Counted {
            to: paper.to,
            progress: Arc::clone(&progress),
        };
        Self {
            path: paper.path,
            to: GzEncoder::new(BufWriter::new(to), Compression::fast()),
            bytes_max: paper.bytes_max,
            progress,
        }
    }

    /// Writes lines as they come, until there are no more. Whatever has been written can be read, should the process be
    /// killed.
    pub(super) fn write_all(mut self, queue: &Receiver<Line>) {
        while let Ok(line) = queue.recv() {
            let mut hear = Vec::new();
            // Those who are not told find out why when the writer has ended.
            match self.write(line, queue, &mut hear) {
                Ok(()) if self.has_room() => {}
                Ok(()) => return self.end_full(),
                Err(error) => {
                    let why = error.to_string();
                    self.progress.end(&why);
                    let path = self.path.display();
                    tracing::warn!("the recording {path} ends: {why}");
                    return;
                }
            }
        }
        self.finish();
    }

    /// Writes a line and those that have come meanwhile, as far as there is room.
    fn write(
        &mut self,
        first: Line,
        queue: &Receiver<Line>,
        hear: &mut Vec<Sender<()>>,
    ) -> io::Result<()> {
        let mut next = Some(first);
        while let Some(line) = next {
            match line {
                Line::Head(head, done) => {
                    hear.push(done);
                    self.write_line(&serde_json::to_vec(&head)?)?;
                }
                Line::Entry(line) => {
                    self.write_line(&line)?;
                    let bytes = u64::try_from(line.len()).unwrap_or(u64::MAX);
                    self.progress.queued.fetch_sub(bytes, Ordering::Relaxed);
                }
                Line::Flush(done) => hear.push(done),
            }
            next = self.has_room().then(|| queue.try_recv().ok()).flatten();
        }
        self.to.flush()?;
        for done in hear.drain(..) {
            // Anyone who asked may have gone.
            let _ = done.send(());
        }
        Ok(())
    }

    fn write_line(&mut self, line: &[u8]) -> io::Result<()> {
        self.to.write_all(line)?;
        self.to.write_all(b"\n")
    }

    fn has_room(&self) -> bool {
        self.progress.bytes() < self.bytes_max
    }

    fn end_full(mut self) {
        let why = format!("it has {} bytes, as many as it may have", self.bytes_max);
        self.progress.end(&why);
        tracing::warn!("the recording {} ends: {why}", self.path.display());
        let line = serde_json::to_vec(&Entry::Ended { why }).unwrap_or_default();
        if let Err(error) = self.write_line(&line) {
            return self.say_unfinished(&error);
        }
        self.finish();
    }

    fn finish(mut self) {
        let finished = self.to.try_finish();
        let finished = finished.and_then(|()| self.to.get_mut().flush());
        if let Err(error) = finished {
            self.say_unfinished(&error);
        }
    }

    fn say_unfinished(&self, error: &io::Error) {
        let path = self.path.display();
        let why = format!("its end was not written: {error}");
        tracing::warn!("the recording {path}: {why}");
        self.progress.end(&why);
    }
}

/// Counts what is written.
struct Counted {
    to: Box<dyn io::Write + Send>,
    progress: Arc<Progress>,
}

impl io::Write for Counted {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.to.write(bytes)?;
        let more = u64::try_from(written).unwrap_or(u64::MAX);
        self.progress.bytes.fetch_add(more, Ordering::Relaxed);
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.to.flush()
    }
}
