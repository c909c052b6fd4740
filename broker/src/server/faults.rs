//! Fault rules of a running cluster, and waiting for what they do.

use super::shared::Shared;
use crate::engine::Engine;
use crate::engine::commands::Command;
use crate::engine::fault::{BadRule, FaultId, Mounted, Rule};
use crate::engine::input::Input;

impl Shared {
    /// Puts a rule in force, and lets `see` look at it at once, before anybody can end it.
    ///
    /// # Errors
    /// There can be no such rule.
    pub(crate) fn mount_fault<T>(
        &self,
        rule: Rule,
        place: Option<String>,
        see: impl FnOnce(&Engine, FaultId) -> T,
    ) -> Result<T, BadRule> {
        let rule = Box::new(rule);
        let mount = Input::Command(Command::MountRule { rule, place });
        let mounted = self.handle_and_look(mount, |engine, reply| see(engine, reply.rule()));
        Ok(mounted?)
    }

    /// Says whether there is such a rule.
    pub(crate) fn release_fault(&self, rule: FaultId) -> bool {
        self.tell(Input::Command(Command::ReleaseRule { rule }))
    }

    /// Says whether there was such a rule.
    pub(crate) fn remove_fault(&self, rule: FaultId) -> bool {
        self.tell(Input::Command(Command::RemoveRule { rule }))
    }

    pub(crate) fn heal(&self) {
        self.tell(Input::Command(Command::Heal));
    }

    /// Lets `see` look at a rule, if there is one of that id.
    pub(crate) fn fault<T>(&self, id: FaultId, see: impl FnOnce(&Mounted) -> T) -> Option<T> {
        self.look(|engine| engine.passage.faults.get(id).map(see))
    }

    /// Ends when a rule is as `wanted` says, or is gone; says which of the two.
    pub(crate) async fn fault_until(&self, id: FaultId, wanted: impl Fn(&Mounted) -> bool) -> bool {
        let mut news = self.fault_news.subscribe();
        loop {
            match self.fault(id, &wanted) {
                Some(true) => return true,
                None => return false,
                // Fails when the cluster is gone.
                Some(false) if news.changed().await.is_err() => return false,
                Some(false) => {}
            }
        }
    }
}
