//! Topics that are made because a client asks about them. In Kafka the broker has the controller make such a topic
//! and answers at once that there is none; brokers hear of it when the controller has written it down. What asks the
//! controller for something meanwhile is answered once that is so.

use std::time::Duration;

use super::cluster::configs::Overrides;
use super::state::{State, StateTimer};
use super::time::Now;
use crate::wire::units::NodeId;

/// How long it takes until brokers know such a topic: the median of 600 on the oracle, whose controller gathers what
/// it writes for 25 ms (`controller.quorum.append.linger.ms`).
pub(crate) const AUTO_CREATE_DELAY: Duration = Duration::from_millis(30);

impl State {
    /// Adds a topic with these replicas by partition, which clients see after the cluster's delay.
    pub(crate) fn create_topic_on_demand(
        &mut self,
        now: Now,
        name: &str,
        assignments: Vec<Vec<NodeId>>,
        overrides: Overrides,
        internal: bool,
    ) {
        if self.auto_create_delay.is_zero() {
            self.create_topic(now, name, assignments, overrides, internal);
            return;
        }
        let topic = self.new_topic(now, name, assignments, overrides, internal);
        self.cluster.hold_back(topic);
        let due = now.elapsed.saturating_add(self.auto_create_delay);
        self.timers
            .schedule(StateTimer::NewTopic(name.to_owned()), due);
    }

    /// Lets clients see a topic that was held back, if it was.
    pub(crate) fn publish_topic(&mut self, now: Now, name: &str) {
        let Some(topic) = self.cluster.take_coming(name) else {
            return;
        };
        self.timers.cancel(&StateTimer::NewTopic(name.to_owned()));
        self.cluster.insert(topic);
        self.follow_leaders_of(now, name);
        self.wake_topic(name);
    }

    /// Lets clients see all topics that were held back: the controller does something that comes after them.
    pub(crate) fn publish_topics(&mut self, now: Now) {
        let names: Vec<String> = self.cluster.coming().map(|t| t.name.clone()).collect();
        for name in names {
            self.publish_topic(now, &name);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::commands::heartbeats::Passing;
    use crate::engine::context::Effects;
    use crate::engine::testing::Bench;
    use crate::wire::messages::metadata_request::MetadataRequestTopic;
    use crate::wire::messages::{DeleteTopicsRequest, MetadataRequest, str_bytes};

    const MS: Duration = Duration::from_millis(1);

    /// A cluster that takes its time, and a topic that was asked for.
    fn asked_for(name: &str, nodes: usize) -> Bench {
        let mut bench = Bench::of_nodes(nodes, &[]);
        bench.engine.state.auto_create_delay = 30 * MS;
        ask_for(&mut bench, name);
        bench
    }

    fn ask_for(bench: &mut Bench, name: &str) {
        let name = str_bytes(name);
        let topic = MetadataRequestTopic::default().with_name(Some(name.into()));
        let request = MetadataRequest::default()
            .with_topics(Some(vec![topic]))
            .with_allow_auto_topic_creation(true);
        bench.ask(12, request);
    }

    fn is_there(bench: &Bench, name: &str) -> bool {
        bench.engine.state.cluster.topic(name).is_some()
    }

    fn wait(bench: &mut Bench, wait: Duration) {
        bench.now = bench.now.plus(wait);
        let now = bench.now;
        bench.next_until(now);
    }

    #[test]
    fn a_topic_appears_at_its_moment() {
        let mut bench = asked_for("t", 1);
        assert_eq!(bench.engine.next_event(&Passing::default()), Some(30 * MS));
        let what: Vec<_> = bench.engine.deadlines().map(|due| due.what).collect();
        assert!(what.contains(&"creation of topic t".to_owned()), "{what:?}");
        wait(&mut bench, 29 * MS);
        // Asking again makes it neither sooner nor later.
        ask_for(&mut bench, "t");
        assert!(!is_there(&bench, "t"));
        wait(&mut bench, MS);
        assert!(is_there(&bench, "t"));
        assert_eq!(bench.engine.next_event(&Passing::default()), None);
    }

    #[test]
    fn what_the_controller_does_comes_later() {
        let mut bench = asked_for("t", 1);
        bench.ask(1, DeleteTopicsRequest::default().with_timeout_ms(1));
        assert!(is_there(&bench, "t"));
        assert_eq!(bench.engine.next_event(&Passing::default()), None);
    }

    #[test]
    fn a_coordinator_finds_its_topic() {
        let mut bench = asked_for("__consumer_offsets", 1);
        let id = bench.engine.state.cluster.coming().next().unwrap().id;
        bench.find_coordinator("g");
        let topic = bench
            .engine
            .state
            .cluster
            .topic("__consumer_offsets")
            .unwrap();
        assert_eq!(topic.id, id);
    }

    #[test]
    fn nodes_that_stop_meanwhile_lead_nothing() {
        let mut bench = asked_for("t", 3);
        let topic = bench.engine.state.cluster.coming().next().unwrap();
        let leader = topic.partitions[0].leader.unwrap();
        bench.turn_node(leader, false);
        let topic = bench.engine.state.cluster.topic("t").unwrap();
        assert_ne!(topic.partitions[0].leader, Some(leader));
    }

    #[test]
    fn a_snapshot_has_it_and_a_reset_does_not() {
        let mut bench = asked_for("t", 1);
        let (now, mut effects) = (bench.now, Effects::default());
        let snapshot = bench.engine.state.snapshot(now);
        bench.engine.reset(now, &mut effects).unwrap();
        wait(&mut bench, 60 * MS);
        assert!(!is_there(&bench, "t"));
        let now = bench.now;
        bench.engine.restore(now, &snapshot, &mut effects).unwrap();
        assert!(is_there(&bench, "t"));
    }
}
