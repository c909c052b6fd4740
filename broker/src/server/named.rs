//! Snapshots that a cluster keeps by name.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::engine::commands::CommandFailure;
use crate::engine::snapshot::{Snapshot, SnapshotView};

/// How many a cluster keeps by name: each holds on to the records that it was taken with.
const NAMED_MAX: usize = 16;

/// The longest name.
const NAME_BYTES_MAX: usize = 64;

/// The snapshots that a cluster keeps for tests, by name. A reset and a restore leave them.
#[derive(Debug, Default)]
pub(super) struct Named(Mutex<BTreeMap<String, Snapshot>>);

impl Named {
    fn lock(&self) -> MutexGuard<'_, BTreeMap<String, Snapshot>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Keeps a snapshot under a name, in the place of one of the same name.
    pub(super) fn keep(
        &self,
        name: &str,
        snapshot: Snapshot,
    ) -> Result<SnapshotView, CommandFailure> {
        let mut named = self.lock();
        if named.len() >= NAMED_MAX && !named.contains_key(name) {
            let why = format!("{NAMED_MAX} snapshots are kept already: forget one first");
            return Err(CommandFailure::Impossible(why));
        }
        let view = snapshot.view(name);
        named.insert(name.to_owned(), snapshot);
        Ok(view)
    }

    /// Every one of them.
    pub(super) fn views(&self) -> Vec<SnapshotView> {
        let named = self.lock();
        let views = named.iter().map(|(name, snapshot)| snapshot.view(name));
        views.collect()
    }

    /// The one of a name.
    pub(super) fn get(&self, name: &str) -> Result<Snapshot, CommandFailure> {
        let kept = self.lock().get(name).cloned();
        kept.ok_or_else(|| unknown(name))
    }

    /// Forgets the one of a name.
    pub(super) fn forget(&self, name: &str) -> Result<(), CommandFailure> {
        let kept = self.lock().remove(name);
        kept.map(drop).ok_or_else(|| unknown(name))
    }
}

fn unknown(name: &str) -> CommandFailure {
    CommandFailure::Unknown(format!("there is no snapshot {name}: take it first"))
}

/// A name is one word, so that nobody takes it for a file's.
pub(super) fn check_name(name: &str) -> Result<(), CommandFailure> {
    let may_be = |byte: u8| byte.is_ascii_alphanumeric() || b"-_".contains(&byte);
    if name.is_empty() || name.len() > NAME_BYTES_MAX || !name.bytes().all(may_be) {
        let why = format!(
            "a snapshot cannot be called {name:?}: take at most {NAME_BYTES_MAX} letters, digits, - and _"
        );
        return Err(CommandFailure::Impossible(why));
    }
    Ok(())
}
