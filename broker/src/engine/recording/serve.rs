//! A recorded cluster that is served to others than those who were there.

use std::time::Duration;

use crate::engine::cluster::configs::own_settings;
use crate::engine::context::Effects;
use crate::engine::input::Input;
use crate::engine::listeners::Listeners;
use crate::engine::time::Now;
use crate::engine::{Engine, Listener, NodeAddress};

/// What those who read the journal find at the end of a recorded connection.
const REASON: &str = "the rerun ended, and its clients are not here";

impl Engine {
    /// Moves the cluster to where it is served: who was connected is gone, nodes are at other addresses, tokens are read
    /// again.
    pub(crate) fn move_to(&mut self, now: Now, listeners: Vec<Listener>, places: Vec<NodeAddress>) {
        for connection in self.passage.journal.connected() {
            let why = REASON.to_owned();
            let gone = Input::Closed { connection, why };
            // Only commands are refused, and nobody is here whom anything could be told.
            let _ = self.handle(now, gone, &mut Effects::default());
        }
        for node in self.state.cluster.all_ids() {
            let rack = self.state.cluster.rack_of_any(node);
            let fixed = self.state.configs.fixed();
            let own = own_settings(node, (&listeners, &places), rack.as_deref(), fixed);
            self.state.configs.set_own(node, own);
        }
        self.state.listeners = Listeners::new(listeners);
        self.state.set_endpoints(places);
        self.state.sasl.read_tokens();
        self.state.tokens.read_hmacs();
        self.passage.faults.disown();
    }

    /// Has topics be there at once that are made because a client asks about them: nobody moves the clock for them.
    pub(crate) const fn make_topics_at_once(&mut self) {
        self.state.auto_create_delay = Duration::ZERO;
    }
}
