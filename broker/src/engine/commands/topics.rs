//! Topics that are no longer the same.

use super::CommandFailure;
use crate::engine::cluster::configs::{Overrides, topic_name_fault};
use crate::engine::state::State;
use crate::engine::state_topic::StateTopic;
use crate::engine::time::Now;

impl State {
    /// Creates a topic with these settings of its own.
    ///
    /// # Errors
    /// When it cannot be called so or have such settings, is there already, or has more replicas than
    /// there are nodes.
    pub(in crate::engine) fn add_topic(
        &mut self,
        now: Now,
        name: &str,
        (partitions, replication): (usize, usize),
        overrides: Overrides,
    ) -> Result<(), CommandFailure> {
        self.publish_topics(now);
        let node = self.cluster.controller();
        let nodes = self.cluster.nodes.len();
        let why = if let Some(fault) = topic_name_fault(name) {
            fault
        } else if self.cluster.topic(name).is_some() {
            format!("topic {name} is there already")
        } else if partitions == 0 {
            "a topic has at least one partition".to_owned()
        } else if replication == 0 || replication > nodes {
            format!("a replication factor of {replication} is not possible with {nodes} nodes")
        } else if let Err(fault) = self.configs.validate_topic(node, &overrides) {
            fault.message.unwrap_or_default()
        } else {
            let replicas = self.place_replicas(partitions, replication);
            let internal = StateTopic::named(name).is_some();
            self.create_topic(now, name, replicas, overrides, internal);
            return Ok(());
        };
        Err(CommandFailure::Impossible(why))
    }

    /// Deletes a topic and creates it again under its name, with as many partitions, the same replicas
    /// and settings, and another id.
    ///
    /// # Errors
    /// When there is no such topic, or it is Kafka's own.
    pub(super) fn recreate_topic(&mut self, now: Now, name: &str) -> Result<(), CommandFailure> {
        let Some(topic) = self.cluster.topic(name) else {
            return Err(CommandFailure::Unknown(format!("there is no topic {name}")));
        };
        if topic.internal {
            return Err(CommandFailure::Impossible(format!("{name} is Kafka's own")));
        }
        let overrides = topic.overrides.clone();
        let replicas = topic
            .partitions
            .iter()
            .map(|p| p.replicas.clone())
            .collect();
        self.delete_topic(now, name);
        self.create_topic(now, name, replicas, overrides, false);
        self.wake_topic(name);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::commands::Command;
    use crate::engine::testing::Bench;

    #[test]
    fn a_topic_becomes_another_of_its_name() {
        let mut bench = Bench::new(&[]);
        bench.topic("t", 3);
        bench.append("t", 1, "v");
        bench.find_coordinator("g");
        let id = bench.engine.state.cluster.topic("t").unwrap().id;
        let held = bench.engine.state.log_bytes();
        let mut recreate = |name: &str| {
            let topic = name.to_owned();
            bench.command(Command::RecreateTopic { topic })
        };
        recreate("t").unwrap();
        assert!(matches!(recreate("u"), Err(CommandFailure::Unknown(_))));
        let internal = recreate("__consumer_offsets");
        assert!(matches!(internal, Err(CommandFailure::Impossible(_))));
        let topic = bench.engine.state.cluster.topic("t").unwrap();
        assert_ne!(topic.id, id);
        assert_eq!(topic.partitions.len(), 3);
        assert!(bench.batches("t", 1).is_empty());
        assert!(bench.engine.state.log_bytes() < held);
    }
}
