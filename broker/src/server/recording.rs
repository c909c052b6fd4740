//! What of a running cluster is written down, and when.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use super::recorder::{self, BYTES_MAX, BadTarget, Paper, Recorder, Target};
use super::recordings::Latest;
pub use super::recordings::Status;
use super::shared::Shared;
use super::sockets::Closing;
use crate::engine::Engine;
use crate::engine::commands::CommandFailure;
use crate::engine::context::{ConnectionId, Effects};
use crate::engine::input::{Input, Reply};
use crate::engine::recording::{Digest, Entry};
use crate::engine::time::Now;
use crate::wire::rope::RopeMut;

/// A recording to begin.
#[derive(Debug, Clone)]
pub(crate) struct Wanted {
    /// A file of the process's own if it is none.
    pub(crate) path: Option<PathBuf>,
    /// A file that is there is written over.
    pub(crate) force: bool,
    pub(crate) bytes_max: u64,
    /// The cluster starts over first.
    pub(crate) reset: bool,
}

impl Default for Wanted {
    fn default() -> Self {
        Self {
            path: None,
            force: false,
            bytes_max: BYTES_MAX,
            reset: false,
        }
    }
}

impl Shared {
    /// Has the engine take an input, and writes that down if somebody wants it.
    pub(super) fn record(
        &self,
        engine: &mut Engine,
        now: Now,
        input: Input,
        effects: &mut Effects,
    ) -> Result<Reply, CommandFailure> {
        if !self.recordings.is_recording.load(Ordering::Relaxed) {
            return engine.handle(now, input, effects);
        }
        let mut entry = Entry::input(now, &input);
        entry.name_token(&input, &engine.state.tokens);
        if !entry.awaits_verdict() {
            // Before it happens, so that a panic is in the recording.
            self.recordings.note(&entry);
            return engine.handle(now, input, effects);
        }
        let claims = engine.state.claimed_by(&input);
        let reply = engine.handle(now, input, effects);
        entry.judge(engine.state.sasl.verdict(), claims.as_deref());
        self.recordings.note(&entry);
        reply
    }

    /// Writes down that the next answer of a connection leaves; of one that holds a token no more than that.
    pub(super) fn answered(&self, connection: ConnectionId, has_token: bool, answer: &RopeMut) {
        if self.recordings.is_recording.load(Ordering::Relaxed) {
            let digest = (!has_token).then(|| Digest::of(answer));
            self.recordings.note(&Entry::Answer { connection, digest });
        }
    }

    /// Writes down what happens from now on to a cluster that is new.
    pub(crate) fn begin_recording(&self, recorder: Recorder) {
        *self.recordings.latest() = Some(Latest {
            path: recorder.path().to_owned(),
            is_own: false,
            progress: Arc::clone(recorder.progress()),
        });
        self.recordings.install(recorder);
    }

    /// Begins to record the cluster as it is, which has its coordinators load again, and waits until the file says what it
    /// is.
    ///
    /// # Errors
    /// It is being recorded already, it is in a state that cannot be written down, or the file cannot be written.
    pub(crate) fn start_recording(
        self: &Arc<Self>,
        wanted: &Wanted,
    ) -> Result<(Status, Closing), CommandFailure> {
        let mut latest = self.recordings.latest();
        if let Some(running) = self.status_of(latest.as_ref()).filter(|s| s.running) {
            let why = format!(
                "the cluster is being recorded already, in {}: stop that first",
                running.file.display()
            );
            return Err(CommandFailure::Impossible(why));
        }
        self.look(Engine::can_be_recorded)?;
        let target = target(wanted);
        let paper = target.open().map_err(impossible)?;
        let mut began = Latest {
            path: target.path,
            // Until it has begun; a file that does not become a recording is not left behind.
            is_own: !wanted.force,
            progress: Arc::default(),
        };
        let closing = match wanted.reset {
            true => self.reset(None)?,
            false => Closing::default(),
        };
        // The one before, should it have ended by itself.
        self.recordings.end();
        self.begin_now(paper, &mut began)?;
        began.is_own = wanted.path.is_none();
        let status = began.status(true);
        *latest = Some(began);
        Ok((status, closing))
    }

    /// Has the cluster become one that a recording can begin with, and waits until that is in the file.
    fn begin_now(&self, paper: Paper, began: &mut Latest) -> Result<(), CommandFailure> {
        let mut effects = Effects::default();
        let begun = self.locked(|engine| {
            let head = engine.begin_recording(self.clock.now(), &mut effects)?;
            let (recorder, begun) = Recorder::write_to(paper, head);
            began.progress = Arc::clone(recorder.progress());
            self.recordings.install(recorder);
            Ok::<_, CommandFailure>(begun)
        });
        self.send(effects);
        recorder::settle(&begun?, &began.path, &began.progress).map_err(|bad| {
            self.recordings.end();
            impossible(bad)
        })
    }

    /// Numbers the connections that come from after this one on.
    pub(crate) fn number_after(&self, last: ConnectionId) {
        let next = last.0.saturating_add(1);
        self.next_connection.store(next, Ordering::Relaxed);
    }

    /// Ends the recording, and waits until all of it is on the disk.
    ///
    /// # Errors
    /// Nothing is being recorded.
    pub(crate) fn stop_recording(&self) -> Result<Status, CommandFailure> {
        let latest = self.recordings.latest();
        let is_written = self.recordings.recorder().is_some();
        self.recordings.end();
        let stopped = latest.as_ref().filter(|_| is_written);
        let nothing = "nothing is being recorded: start a recording first";
        stopped
            .map(|latest| latest.status(false))
            .ok_or_else(|| CommandFailure::Impossible(nothing.to_owned()))
    }

    /// The recording that is being written, or the last that was.
    pub(crate) fn recording(&self) -> Option<Status> {
        self.status_of(self.recordings.latest().as_ref())
    }

    /// The same, once all that has happened so far is in its file.
    #[cfg_attr(
        not(feature = "control"),
        expect(dead_code, reason = "anyone without a control port has the file")
    )]
    pub(crate) fn settled_recording(&self) -> Option<Status> {
        let latest = self.recordings.latest();
        let flushed = self.recordings.recorder().as_ref().map(Recorder::flush);
        if let Some(flushed) = flushed {
            // A recording that has ended is as settled as it can be.
            let _ = flushed.recv();
        }
        self.status_of(latest.as_ref())
    }

    fn status_of(&self, latest: Option<&Latest>) -> Option<Status> {
        let is_written = self.recordings.recorder().is_some();
        latest.map(|latest| latest.status(is_written))
    }

    /// Ends the recording, if there is one, with the cluster.
    pub(crate) fn end_recording(&self) {
        self.recordings.end();
        *self.recordings.latest() = None;
    }
}

fn target(wanted: &Wanted) -> Target {
    Target {
        path: wanted.path.clone().unwrap_or_else(own_file),
        force: wanted.force,
        bytes_max: wanted.bytes_max,
    }
}

/// A file that no other recording has.
fn own_file() -> PathBuf {
    static FILES: AtomicU64 = AtomicU64::new(0);
    let process = std::process::id();
    let folder = std::env::temp_dir();
    loop {
        let number = FILES.fetch_add(1, Ordering::Relaxed);
        let path = folder.join(format!("fauxka-{process}-{number}.run"));
        // One of that name is of a process that was killed.
        if !Path::exists(&path) {
            return path;
        }
    }
}

fn impossible(why: BadTarget) -> CommandFailure {
    CommandFailure::Impossible(why.to_string())
}
