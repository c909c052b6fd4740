//! Rules that were mounted while a request waited: it is too late for what they would do before it is done, but they
//! meet its answer.

use super::leave::Plan;
use super::meet::Transit;
use super::{FaultId, Faults, Phase};
use crate::engine::context::Call;
use crate::engine::ids::NOBODY;
use crate::engine::state::State;
use crate::wire::api::Api;

impl Faults {
    /// Has the rules that came after a request decide what happens to its answer.
    pub(super) fn meet_late(&mut self, state: &State, call: &Call, api: Api) {
        let earlier = self.plans.get(&call.ticket);
        let since = earlier.map_or(call.last_rule, |plan| plan.last_rule);
        let last_rule = self.last_id;
        if since >= last_rule || call.connection == NOBODY {
            return;
        }
        let late: Vec<FaultId> = self
            .rules
            .iter()
            .filter(|mounted| mounted.id > since && mounted.phase == Phase::Active)
            .filter(|mounted| mounted.rule.actions().1)
            .map(|mounted| mounted.id)
            .collect();
        if late.is_empty() {
            return;
        }
        let earlier = self.plans.remove(&call.ticket);
        let (case, steps) = earlier.map_or_else(Default::default, |plan| (plan.case, plan.steps));
        let mut transit = Transit {
            call: call.clone(),
            api,
            request: None,
            case,
            steps,
        };
        for id in late {
            // What comes after a request is done only adds to the plan.
            self.meet_one(state, id, &mut transit);
        }
        let plan = Plan {
            last_rule,
            ..transit.plan()
        };
        self.plans.insert(call.ticket, plan);
    }
}
