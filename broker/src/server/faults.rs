//! Fault rules of a running cluster, and waiting for what they do.

use super::link::rules::LinkSpec;
use super::shared::Shared;
use crate::engine::fault::{BadRule, FaultId, Mounted, Phase, Rule};

impl Shared {
    pub(crate) fn mount_fault(
        &self,
        rule: Rule,
        place: Option<String>,
    ) -> Result<FaultId, BadRule> {
        let bytes = rule.bytes.is_some().then(|| rule.clone());
        let id = self.with_engine(|engine| engine.faults.mount(rule, place))?;
        if let Some(spec) = bytes.and_then(|rule| LinkSpec::of(id, &rule)) {
            self.links.mount(spec);
        }
        Ok(id)
    }

    /// Has those rules about bytes act that the engine knows, after it has made them itself.
    pub(crate) fn follow_byte_rules(&self) {
        self.links.end_faults(None);
        let specs: Vec<_> = self.with_engine(|engine| {
            let active = engine.faults.iter();
            let active = active.filter(|mounted| mounted.phase == Phase::Active);
            let specs = active.filter_map(|mounted| LinkSpec::of(mounted.id, &mounted.rule));
            specs.collect()
        });
        for spec in specs {
            self.links.mount(spec);
        }
    }

    /// Says whether there is such a rule.
    pub(crate) fn release_fault(&self, id: FaultId) -> bool {
        self.links.end_faults(Some(id));
        self.change(|engine, now, effects| engine.release_fault(now, id, effects))
    }

    /// Says whether there was such a rule.
    pub(crate) fn remove_fault(&self, id: FaultId) -> bool {
        self.links.end_faults(Some(id));
        self.change(|engine, now, effects| engine.remove_fault(now, id, effects))
    }

    pub(crate) fn heal(&self) {
        self.links.end_faults(None);
        self.change(|engine, now, effects| engine.heal(now, effects));
    }

    /// Lets `see` look at a rule, if there is one of that id.
    pub(crate) fn fault<T>(&self, id: FaultId, see: impl FnOnce(&Mounted) -> T) -> Option<T> {
        self.with_engine(|engine| engine.faults.get(id).map(see))
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
