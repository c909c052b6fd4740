//! Snapshots of a running cluster: taken, put back, and kept by name.

use std::sync::Arc;

use super::named::check_name;
use super::shared::Shared;
use super::sockets::Closing;
use crate::engine::commands::{Command, CommandFailure};
use crate::engine::context::Effects;
use crate::engine::input::Input;
use crate::engine::snapshot::{Snapshot, SnapshotView};
use crate::engine::time::Now;

impl Shared {
    /// What the cluster is now.
    pub(crate) fn snapshot(&self) -> Snapshot {
        self.look(|engine| engine.state.snapshot(self.clock.now()))
    }

    /// Makes the cluster what it was when the snapshot was taken; with a manual clock, at that time of day. All of it
    /// or nothing.
    pub(crate) fn restore(
        self: &Arc<Self>,
        snapshot: &Snapshot,
    ) -> Result<Closing, CommandFailure> {
        self.look(|engine| engine.state.can_restore(snapshot))?;
        // What may fail comes first.
        let mut opening = Vec::new();
        for node in snapshot.nodes().iter().filter(|node| node.up) {
            let listening = self.listening_again(node.id).map_err(impossible)?;
            opening.extend(listening.map(|listening| (node.id, listening)));
        }
        let mut effects = Effects::default();
        self.locked(|engine| {
            let now = self.clock.now();
            let now = Now {
                wall: if self.clock.is_manual() {
                    snapshot.taken_at()
                } else {
                    now.wall
                },
                ..now
            };
            let snapshot = snapshot.clone();
            let restore = Input::Command(Command::Restore { snapshot });
            self.record(engine, now, restore, &mut effects)?;
            self.clock.set(now);
            Ok::<(), CommandFailure>(())
        })?;
        self.send(effects);
        for (node, listening) in opening {
            // Whatever stood still, what starts is another process.
            self.pause_node(node, false).map_err(impossible)?;
            self.open(node, listening).map_err(impossible)?;
        }
        self.connections.notify_waiters();
        Ok(self.close_stopped())
    }

    /// Takes a snapshot and keeps it under a name, in the place of one of the same name.
    pub(crate) fn keep_snapshot(&self, name: &str) -> Result<SnapshotView, CommandFailure> {
        check_name(name)?;
        self.named.keep(name, self.snapshot())
    }

    /// Every snapshot that is kept, by name.
    pub(crate) fn kept_snapshots(&self) -> Vec<SnapshotView> {
        self.named.views()
    }

    /// Puts back what is kept under a name.
    pub(crate) fn restore_kept(self: &Arc<Self>, name: &str) -> Result<Closing, CommandFailure> {
        self.restore(&self.named.get(name)?)
    }

    /// Forgets what is kept under a name.
    pub(crate) fn forget_snapshot(&self, name: &str) -> Result<(), CommandFailure> {
        self.named.forget(name)
    }
}

fn impossible(why: impl ToString) -> CommandFailure {
    CommandFailure::Impossible(why.to_string())
}
