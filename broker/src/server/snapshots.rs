//! Snapshots of a running cluster: taken, put back, and kept by name.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::nodes::Closing;
use super::shared::Shared;
use crate::engine::commands::{Command, Refused};
use crate::engine::context::Effects;
use crate::engine::input::Input;
use crate::engine::snapshot::{Snapshot, SnapshotView};
use crate::engine::time::Now;

/// How many a cluster keeps by name: each holds on to the records that it was taken with.
const NAMED_MAX: usize = 16;

/// The longest name.
const NAME_BYTES_MAX: usize = 64;

/// The snapshots that a cluster keeps for whoever tests, by name. A reset and a restore leave them.
#[derive(Debug, Default)]
pub(super) struct Named(Mutex<BTreeMap<String, Snapshot>>);

impl Named {
    fn lock(&self) -> MutexGuard<'_, BTreeMap<String, Snapshot>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Shared {
    /// What the cluster is now.
    pub(crate) fn snapshot(&self) -> Snapshot {
        self.look(|engine| engine.state.snapshot(self.clock.now()))
    }

    /// Makes the cluster what it was when the snapshot was taken; with a manual clock, at that time of day. All of it
    /// or nothing.
    pub(crate) fn restore(self: &Arc<Self>, snapshot: &Snapshot) -> Result<Closing, Refused> {
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
            Ok::<(), Refused>(())
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
    pub(crate) fn keep_snapshot(&self, name: &str) -> Result<SnapshotView, Refused> {
        check_name(name)?;
        let snapshot = self.snapshot();
        let view = snapshot.view(name);
        let mut named = self.named.lock();
        if named.len() >= NAMED_MAX && !named.contains_key(name) {
            let why = format!("{NAMED_MAX} snapshots are kept already: forget one first");
            return Err(Refused::Impossible(why));
        }
        named.insert(name.to_owned(), snapshot);
        Ok(view)
    }

    /// Every snapshot that is kept, by name.
    pub(crate) fn kept_snapshots(&self) -> Vec<SnapshotView> {
        let named = self.named.lock();
        let views = named.iter().map(|(name, snapshot)| snapshot.view(name));
        views.collect()
    }

    /// Puts back what is kept under a name.
    pub(crate) fn restore_kept(self: &Arc<Self>, name: &str) -> Result<Closing, Refused> {
        let kept = self.named.lock().get(name).cloned();
        self.restore(&kept.ok_or_else(|| unknown(name))?)
    }

    /// Forgets what is kept under a name.
    pub(crate) fn forget_snapshot(&self, name: &str) -> Result<(), Refused> {
        let kept = self.named.lock().remove(name);
        kept.map(drop).ok_or_else(|| unknown(name))
    }
}

fn impossible(why: impl ToString) -> Refused {
    Refused::Impossible(why.to_string())
}

fn unknown(name: &str) -> Refused {
    Refused::Unknown(format!("there is no snapshot {name}: take it first"))
}

/// A name is one word, so that nobody takes it for a file's.
fn check_name(name: &str) -> Result<(), Refused> {
    let may_be = |byte: u8| byte.is_ascii_alphanumeric() || b"-_".contains(&byte);
    if name.is_empty() || name.len() > NAME_BYTES_MAX || !name.bytes().all(may_be) {
        let why = format!(
            "a snapshot cannot be called {name:?}: take at most {NAME_BYTES_MAX} letters, digits, - and _"
        );
        return Err(Refused::Impossible(why));
    }
    Ok(())
}
