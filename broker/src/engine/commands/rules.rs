//! Fault rules that end: what they keep goes on.

use crate::engine::Engine;
use crate::engine::context::Effects;
use crate::engine::fault::FaultId;
use crate::engine::time::Now;

impl Engine {
    /// Ends a rule: what it keeps goes on, and it acts no more. Says whether there is such a rule.
    pub(super) fn release_rule(&mut self, now: Now, id: FaultId, effects: &mut Effects) -> bool {
        let Some(kept) = self.passage.faults.end(id) else {
            return false;
        };
        for ticket in kept {
            self.go_on(now, ticket, effects);
        }
        for connection in self.passage.muted_by(id) {
            self.end_mute(now, connection, effects);
        }
        true
    }

    /// Releases a rule and forgets it, with what it expected.
    pub(super) fn remove_rule(&mut self, now: Now, id: FaultId, effects: &mut Effects) -> bool {
        let known = self.release_rule(now, id, effects);
        self.passage.faults.remove(id);
        known
    }

    /// Ends all rules. Those that expect something stay to be asked whether it came.
    pub(in crate::engine) fn heal(&mut self, now: Now, effects: &mut Effects) {
        // All of them first, so that what one lets go does not run into the next.
        for id in self.passage.faults.end_all() {
            self.release_rule(now, id, effects);
        }
        self.passage.faults.remove_unexpecting();
    }
}
