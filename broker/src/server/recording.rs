//! What of a running cluster is written down, and when.

use std::sync::atomic::Ordering;
use std::sync::{MutexGuard, PoisonError};

use super::recorder::Recorder;
use super::shared::Shared;
use crate::engine::Engine;
use crate::engine::commands::Refused;
use crate::engine::context::{ConnectionId, Effects};
use crate::engine::input::{Input, Reply};
use crate::engine::recording::{Digest, Entry};
use crate::engine::time::Now;
use crate::wire::rope::RopeMut;

impl Shared {
    /// Has the engine take an input, and writes that down if somebody wants it.
    pub(super) fn record(
        &self,
        engine: &mut Engine,
        now: Now,
        input: Input,
        effects: &mut Effects,
    ) -> Result<Reply, Refused> {
        if !self.is_recording.load(Ordering::Relaxed) {
            return engine.handle(now, input, effects);
        }
        let mut entry = Entry::input(now, &input);
        if !entry.awaits_verdict() {
            // Before it happens, so that a panic is in the recording.
            self.note(&entry);
            return engine.handle(now, input, effects);
        }
        let reply = engine.handle(now, input, effects);
        entry.judge(engine.state.sasl.verdict());
        self.note(&entry);
        reply
    }

    /// Writes down that the next answer of a connection leaves; of one that holds a token no more than that.
    pub(super) fn answered(&self, connection: ConnectionId, has_token: bool, answer: &RopeMut) {
        if self.is_recording.load(Ordering::Relaxed) {
            let digest = (!has_token).then(|| Digest::of(answer));
            self.note(&Entry::Answer { connection, digest });
        }
    }

    fn note(&self, entry: &Entry) {
        if let Some(recorder) = &mut *self.recorder() {
            recorder.note(entry);
        }
    }

    fn recorder(&self) -> MutexGuard<'_, Option<Recorder>> {
        self.recorder.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Writes down what happens from now on; what was being recorded ends.
    pub(crate) fn begin_recording(&self, recorder: Recorder) {
        *self.recorder() = Some(recorder);
        self.is_recording.store(true, Ordering::Relaxed);
    }

    /// Ends the recording, which is on the disk when this returns.
    pub(crate) fn end_recording(&self) -> bool {
        self.is_recording.store(false, Ordering::Relaxed);
        let ended = self.recorder().take();
        ended.is_some()
    }
}
