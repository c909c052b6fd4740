//! Warnings of connections that end by their clients' doing: logged once, then counted.

use std::net::SocketAddr;

use super::shared::Shared;
use super::told::log;
use crate::engine::ids::ConnectionId;
use crate::engine::input::Input;
use crate::wire::units::NodeId;

impl Shared {
    /// Warns of a connection that ends because of what its client sent.
    pub(super) fn warn_closed(&self, connection: ConnectionId, why: &str) {
        let why = why.to_owned();
        self.tell(Input::Misbehaved { connection, why });
    }

    /// Warns of a connection that was refused because its address has all that it may have.
    pub(super) fn warn_refused(&self, node: NodeId, peer: SocketAddr) {
        let lines = self.note_refused(node, peer);
        log(lines);
    }

    fn note_refused(&self, node: NodeId, peer: SocketAddr) -> Vec<String> {
        let mut guarded = self.lock();
        let host = peer.ip().to_canonical().to_string();
        let text = format!(
            "connection closed: its address has max.connections.per.ip already (node {node}, peer {peer})"
        );
        guarded
            .refusals
            .warn_refused(self.clock.now().elapsed, host, &text);
        guarded.warnings(&self.clock)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::engine::cluster::configs::StaticConfig;
    use crate::engine::testing::Bench;
    use crate::server::clock::Clock;
    use crate::server::limits::Limits;
    use crate::server::links::LinkRules;

    #[test]
    fn refusals_of_an_address_are_told_once_and_then_counted() {
        let (fixed, _) = StaticConfig::read(&[], &[], 1).unwrap();
        let (limits, links) = (Limits::of(&fixed), LinkRules::new(7));
        let shared = Shared::new(Bench::new(&[]).engine, Clock::manual(None), limits, links);
        let refused = |peer: &str| shared.note_refused(NodeId(2), peer.parse().unwrap());
        assert_eq!(
            refused("10.0.0.1:40000"),
            [
                "connection closed: its address has max.connections.per.ip already (node 2, peer 10.0.0.1:40000)"
            ]
        );
        for port in 40_001..40_500 {
            assert_eq!(refused(&format!("10.0.0.1:{port}")), [""; 0]);
        }
        assert_eq!(refused("[::1]:40000").len(), 1, "another address");
        let start = shared.clock.now();
        shared.clock.set(start.plus(Duration::from_millis(9_999)));
        assert_eq!(shared.lock().warnings(&shared.clock), [""; 0]);
        shared.clock.set(start.plus(Duration::from_secs(10)));
        assert_eq!(
            shared.lock().warnings(&shared.clock),
            [
                "connections refused for max.connections.per.ip from 10.0.0.1: 499 more since the last such line"
            ]
        );
    }
}
