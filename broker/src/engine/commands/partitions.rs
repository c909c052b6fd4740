//! Leaders, replicas and logs.

use serde::{Deserialize, Serialize};

use super::CommandFailure;
use crate::engine::cluster::Partition;
use crate::engine::state::State;
use crate::engine::time::Now;
use crate::engine::topic_partition::TopicPartition;
use crate::wire::units::{NodeId, Offset, ProducerId};

/// What happens to a partition.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum PartitionCommand {
    /// Another replica that is in sync leads, in a new leader epoch.
    MoveLeader(NodeId),
    /// A replica that may lack records leads: the log ends at `end`, or where it does, and what the
    /// other replicas had beyond that is lost. They follow at once.
    LeadUncleanly {
        node: NodeId,
        end: Option<Offset>,
    },
    /// A follower falls behind, out of the in-sync replicas, until [`Self::CatchUp`].
    FallBehind(NodeId),
    CatchUp(NodeId),
    /// The high watermark stays where it is, as when followers do not fetch.
    HoldHighWatermark,
    ReleaseHighWatermark,
    /// Records before this offset are gone, as after retention.
    RaiseLogStart(Offset),
    /// Reassignments stay under way: no new replica gets records, and none goes.
    HoldReassignment,
    ReleaseReassignment,
    /// The batch with this offset is damaged where it is stored: one byte of its records becomes another,
    /// and its checksum is wrong for anyone who reads it.
    Damage(Offset),
    /// An idempotent producer is forgotten, or all of them, as after `producer.id.expiration.ms`.
    ExpireProducer(Option<ProducerId>),
}

impl State {
    /// Lets something happen to a partition.
    ///
    /// # Errors
    /// When there is no such partition, or it cannot happen to it.
    pub(super) fn command_partition(
        &mut self,
        now: Now,
        at: TopicPartition<&str>,
        command: PartitionCommand,
    ) -> Result<(), CommandFailure> {
        match command {
            PartitionCommand::MoveLeader(node) => {
                self.running(node)?;
                self.on_partition(now, at, |partition| move_leader(partition, node))
            }
            PartitionCommand::LeadUncleanly { node, end } => {
                self.running(node)?;
                let live = self.cluster.live_ids();
                self.on_partition(now, at, |partition| {
                    lead_uncleanly(partition, node, end, &live)
                })
            }
            PartitionCommand::FallBehind(node) => {
                let terms = self.terms(at.topic);
                self.on_partition(now, at, |partition| {
                    is_follower(partition, node)?;
                    partition.fall_behind(node, terms);
                    Ok(())
                })
            }
            PartitionCommand::CatchUp(node) => {
                self.running(node)?;
                let terms = self.terms(at.topic);
                self.on_partition(now, at, |partition| {
                    is_replica(partition, node)?;
                    partition.catch_up(node, terms);
                    Ok(())
                })
            }
            PartitionCommand::HoldHighWatermark => self.on_partition(now, at, |partition| {
                partition.log.hold_high_watermark();
                Ok(())
            }),
            PartitionCommand::ReleaseHighWatermark => self.on_partition(now, at, |partition| {
                partition.log.release_high_watermark();
                Ok(())
            }),
            PartitionCommand::HoldReassignment => self.on_partition(now, at, |partition| {
                partition.reassignment.held = true;
                Ok(())
            }),
            PartitionCommand::ReleaseReassignment => self.on_partition(now, at, |partition| {
                partition.reassignment.held = false;
                Ok(())
            }),
            PartitionCommand::RaiseLogStart(start) => {
                self.on_partition(now, at, |partition| raise_log_start(partition, start))
            }
            PartitionCommand::Damage(offset) => self.on_partition(now, at, |partition| {
                let damaged = partition.log.damage(offset);
                damaged.map_err(|_| no_such_offset(partition, offset))
            }),
            PartitionCommand::ExpireProducer(id) => self.expire_producer(now, at, id),
        }
    }
}

fn move_leader(partition: &mut Partition, node: NodeId) -> Result<(), CommandFailure> {
    is_replica(partition, node)?;
    if !partition.isr.contains(&node) {
        return Err(CommandFailure::Impossible(format!(
            "node {node} is not in sync: let it catch up, or lead uncleanly"
        )));
    }
    partition.elect(node);
    Ok(())
}

fn lead_uncleanly(
    partition: &mut Partition,
    node: NodeId,
    end: Option<Offset>,
    live: &[NodeId],
) -> Result<(), CommandFailure> {
    is_replica(partition, node)?;
    let log = &mut partition.log;
    if let Some(end) = end {
        if end < log.start() || end > log.end() {
            return Err(no_such_offset(partition, end));
        }
        log.truncate(end);
    }
    partition.lagging.retain(|lagging| *lagging != node);
    partition.isr.clear();
    partition.elect(node);
    let mut isr = partition.replicas.clone();
    let is_behind =
        |id: &NodeId| partition.lagging.contains(id) || partition.reassignment.is_copying(*id);
    isr.retain(|id| live.contains(id) && !is_behind(id));
    isr.sort_unstable();
    partition.isr = isr;
    Ok(())
}

fn raise_log_start(partition: &mut Partition, start: Offset) -> Result<(), CommandFailure> {
    let raised = partition.log.delete_records(start);
    raised.map_err(|_| no_such_offset(partition, start))
}

fn is_replica(partition: &Partition, node: NodeId) -> Result<(), CommandFailure> {
    if partition.replicas.contains(&node) {
        return Ok(());
    }
    let replicas: Vec<_> = partition.replicas.iter().map(ToString::to_string).collect();
    Err(CommandFailure::Impossible(format!(
        "node {node} has no replica of it; nodes {} have",
        replicas.join(", ")
    )))
}

fn is_follower(partition: &Partition, node: NodeId) -> Result<(), CommandFailure> {
    is_replica(partition, node)?;
    if partition.leader == Some(node) {
        return Err(CommandFailure::Impossible(format!(
            "node {node} leads it: move the leader first"
        )));
    }
    Ok(())
}

fn no_such_offset(partition: &Partition, offset: Offset) -> CommandFailure {
    let log = &partition.log;
    CommandFailure::Impossible(format!(
        "offset {} is not within the log, which begins at {}, ends at {}, and has its high watermark at {}",
        offset.0,
        log.start().0,
        log.end().0,
        log.high_watermark().0
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::commands::Command;
    use crate::engine::testing::Bench;
    use crate::wire::batch::BatchView;
    use crate::wire::units::LeaderEpoch;

    /// A partition on nodes 0, 1 and 2 with offsets 0 to 9, in batches of one record.
    fn bench() -> Bench {
        let mut bench = Bench::of_nodes(3, &[]);
        bench.topic("t", 1);
        for _ in 0..10 {
            bench.append("t", 0, "v");
        }
        bench
    }

    fn partition(bench: &Bench) -> &Partition {
        let topic = bench.engine.state.cluster.topic("t").unwrap();
        topic.partition(0).unwrap()
    }

    #[track_caller]
    fn check(bench: &mut Bench, command: PartitionCommand, expected: &str) {
        let done = bench.command(Command::partition("t", 0, command));
        let partition = partition(bench);
        partition.log.check_invariants();
        let log = &partition.log;
        let shown = match done {
            Ok(_) => format!(
                "leader {} epoch {} isr {:?} log {}..{}..{}",
                partition.leader.map_or(-1, |node| node.0),
                partition.leader_epoch.0,
                partition.isr.iter().map(|node| node.0).collect::<Vec<_>>(),
                log.start().0,
                log.high_watermark().0,
                log.end().0,
            ),
            Err(refused) => refused.to_string(),
        };
        assert_eq!(shown, expected);
    }

    #[test]
    fn leaders_move_and_followers_fall_behind() {
        use PartitionCommand as Do;
        let mut bench = bench();
        let b = &mut bench;
        check(
            b,
            Do::MoveLeader(NodeId(2)),
            "leader 2 epoch 1 isr [0, 1, 2] log 0..10..10",
        );
        check(b, Do::MoveLeader(NodeId(7)), "there is no node 7");
        check(
            b,
            Do::FallBehind(NodeId(2)),
            "node 2 leads it: move the leader first",
        );
        check(
            b,
            Do::FallBehind(NodeId(0)),
            "leader 2 epoch 1 isr [1, 2] log 0..10..10",
        );
        check(
            b,
            Do::MoveLeader(NodeId(0)),
            "node 0 is not in sync: let it catch up, or lead uncleanly",
        );
        // Another node's return does not bring it back.
        b.command(Command::StopNode { node: NodeId(1) }).unwrap();
        check(
            b,
            Do::CatchUp(NodeId(1)),
            "node 1 is stopped: start it first",
        );
        b.command(Command::StartNode { node: NodeId(1) }).unwrap();
        check(
            b,
            Do::FallBehind(NodeId(0)),
            "leader 2 epoch 1 isr [1, 2] log 0..10..10",
        );
        check(
            b,
            Do::CatchUp(NodeId(0)),
            "leader 2 epoch 1 isr [0, 1, 2] log 0..10..10",
        );
    }

    #[test]
    fn logs_lose_what_their_leader_did_not_have() {
        use PartitionCommand as Do;
        let mut bench = bench();
        let b = &mut bench;
        check(
            b,
            Do::HoldHighWatermark,
            "leader 0 epoch 0 isr [0, 1, 2] log 0..10..10",
        );
        b.append("t", 0, "v");
        check(
            b,
            Do::RaiseLogStart(Offset(3)),
            "leader 0 epoch 0 isr [0, 1, 2] log 3..10..11",
        );
        check(
            b,
            Do::RaiseLogStart(Offset(11)),
            "offset 11 is not within the log, which begins at 3, ends at 11, and has its high watermark at 10",
        );
        check(
            b,
            Do::ReleaseHighWatermark,
            "leader 0 epoch 0 isr [0, 1, 2] log 3..11..11",
        );
        let end = Some(Offset(7));
        let node = NodeId(1);
        check(
            b,
            Do::LeadUncleanly { node, end },
            "leader 1 epoch 1 isr [0, 1, 2] log 3..7..7",
        );
        let epochs = partition(b).log.epochs();
        assert_eq!(
            epochs.end_of(LeaderEpoch(0), Offset(7)),
            Some((LeaderEpoch(0), Offset(7)))
        );
        let end = Some(Offset(2));
        check(
            b,
            Do::LeadUncleanly { node, end },
            "offset 2 is not within the log, which begins at 3, ends at 7, and has its high watermark at 7",
        );
    }

    #[test]
    fn a_damaged_batch_no_longer_matches_its_checksum() {
        let mut bench = bench();
        check(
            &mut bench,
            PartitionCommand::Damage(Offset(4)),
            "leader 0 epoch 0 isr [0, 1, 2] log 0..10..10",
        );
        let intact: Vec<bool> = bench
            .batches("t", 0)
            .iter()
            .map(|batch| BatchView::parse(&batch.to_bytes()).is_ok())
            .collect();
        let expected: Vec<bool> = (0..10).map(|offset| offset != 4).collect();
        assert_eq!(intact, expected);
    }
}
