//! Metadata that is out of date, as from a broker to which the controller's news has not come yet.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::engine::cluster::Partition;
use crate::engine::state::State;
use crate::wire::error::ErrorCode;
use crate::wire::messages::metadata_response::MetadataResponseTopic;
use crate::wire::messages::{BrokerId, MetadataResponse};
use crate::wire::units::{LeaderEpoch, NodeId};

/// Who led what at some moment.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct StaleMetadata {
    /// How many more answers go by it.
    left: u64,
    pub(crate) controller: NodeId,
    /// The nodes that were in service.
    pub(crate) live: Vec<NodeId>,
    topics: BTreeMap<String, Vec<Leadership>>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Leadership {
    leader: Option<NodeId>,
    epoch: LeaderEpoch,
    isr: Vec<NodeId>,
}

impl Leadership {
    fn of(partition: &Partition) -> Self {
        Self {
            leader: partition.leader,
            epoch: partition.leader_epoch,
            isr: partition.isr.clone(),
        }
    }
}

impl State {
    /// Lets the next `answers` to Metadata tell of the nodes, leaders and in-sync replicas of now, whatever
    /// becomes of them. With 0, answers are up to date again.
    pub(super) fn freeze_metadata(&mut self, answers: u64) {
        let topics = self.cluster.topics().map(|topic| {
            let partitions = topic.partitions.iter().map(Leadership::of).collect();
            (topic.name.clone(), partitions)
        });
        self.stale_metadata = (answers > 0).then(|| StaleMetadata {
            left: answers,
            controller: self.cluster.controller(),
            live: self.cluster.live_ids(),
            topics: topics.collect(),
        });
    }

    /// What the next answer goes by, if not by how things are.
    pub(crate) fn take_stale_metadata(&mut self) -> Option<StaleMetadata> {
        self.stale_metadata.take()
    }

    /// Keeps it for the answers that are left.
    pub(crate) fn keep_stale_metadata(&mut self, mut stale: StaleMetadata) {
        stale.left = stale.left.saturating_sub(1);
        self.stale_metadata = Some(stale).filter(|stale| stale.left > 0);
    }
}

impl StaleMetadata {
    /// Makes an answer's partitions be what they were. Topics that are newer stay as they are.
    pub(crate) fn overlay(&self, response: &mut MetadataResponse) {
        response.controller_id = BrokerId(self.controller.0);
        for topic in &mut response.topics {
            self.overlay_topic(topic);
        }
    }

    fn overlay_topic(&self, topic: &mut MetadataResponseTopic) {
        let name = topic.name.as_ref().map(|name| name.as_str());
        let Some(partitions) = name.and_then(|name| self.topics.get(name)) else {
            return;
        };
        for row in &mut topic.partitions {
            let index = usize::try_from(row.partition_index).unwrap_or(usize::MAX);
            let Some(was) = partitions.get(index) else {
                continue;
            };
            row.leader_id = BrokerId(was.leader.map_or(-1, |node| node.0));
            row.leader_epoch = was.epoch.0;
            row.isr_nodes = was.isr.iter().map(|node| BrokerId(node.0)).collect();
            row.error_code = if was.leader.is_some() {
                ErrorCode::None.code()
            } else {
                ErrorCode::LeaderNotAvailable.code()
            };
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::engine::commands::{Command, PartitionCommand};
    use crate::engine::testing::Bench;
    use crate::wire::apis::Response;
    use crate::wire::messages::MetadataRequest;
    use crate::wire::units::NodeId;

    /// The nodes, and the leader with its epoch of the one partition, as Metadata tells.
    fn told(bench: &mut Bench) -> String {
        let request = MetadataRequest::default().with_topics(None);
        let Response::Metadata(response) = bench.ask(12, request) else {
            panic!("another answer");
        };
        let nodes: Vec<_> = response.brokers.iter().map(|node| node.node_id.0).collect();
        let row = &response.topics[0].partitions[0];
        format!("{nodes:?} {} in {}", row.leader_id.0, row.leader_epoch)
    }

    #[test]
    fn frozen_metadata_thaws_after_so_many_answers() {
        let mut bench = Bench::of_nodes(3, &[]);
        bench.topic("t", 1);
        let freeze = |bench: &mut Bench, answers| {
            let frozen = bench.command(Command::FreezeMetadata { answers });
            assert!(frozen.is_ok());
        };
        freeze(&mut bench, 2);
        let leads = PartitionCommand::MoveLeader(NodeId(1));
        bench.command(Command::partition("t", 0, leads)).unwrap();
        bench
            .command(Command::StopNode { node: NodeId(2) })
            .unwrap();
        assert_eq!(told(&mut bench), "[0, 1, 2] 0 in 0");
        assert_eq!(told(&mut bench), "[0, 1, 2] 0 in 0");
        assert_eq!(told(&mut bench), "[0, 1] 1 in 1");
        freeze(&mut bench, 5);
        freeze(&mut bench, 0);
        assert_eq!(told(&mut bench), "[0, 1] 1 in 1");
    }
}
