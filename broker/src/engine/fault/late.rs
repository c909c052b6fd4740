//! Rules that were mounted while a request waited: it is too late for what they would do before it is done, but they
//! meet its answer.

use super::leave::Plan;
use super::meet::Passage;
use super::{FaultId, Phase};
use crate::engine::Engine;
use crate::engine::commands::NOBODY;
use crate::engine::context::Call;
use crate::engine::time::Now;
use crate::wire::api::Api;

impl Engine {
    /// Has the rules that came after a request decide what happens to its answer.
    pub(super) fn meet_late_faults(&mut self, now: Now, call: &Call, api: Api) {
        let earlier = self.faults.plans.get(&call.ticket);
        let since = earlier.map_or(call.last_rule, |plan| plan.last_rule);
        let last_rule = self.faults.last_id;
        if since >= last_rule || call.connection == NOBODY {
            return;
        }
        let late: Vec<FaultId> = self
            .faults
            .rules
            .iter()
            .filter(|mounted| mounted.id > since && mounted.phase == Phase::Active)
            .filter(|mounted| mounted.rule.actions().1)
            .map(|mounted| mounted.id)
            .collect();
        if late.is_empty() {
            return;
        }
        let earlier = self.faults.plans.remove(&call.ticket);
        let (case, steps) = earlier.map_or_else(Default::default, |plan| (plan.case, plan.steps));
        let mut passage = Passage {
            call: call.clone(),
            api,
            request: None,
            case,
            steps,
        };
        for id in late {
            // What comes after a request is done only adds to the plan.
            self.meet_fault(now, id, &mut passage);
        }
        let plan = Plan {
            last_rule,
            ..passage.plan()
        };
        self.faults.plans.insert(call.ticket, plan);
    }
}
