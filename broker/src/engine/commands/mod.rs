//! What a test does to the cluster beside its clients: what would take an operator, bad luck or time.
//!
//! Each leaves the cluster as Kafka would be after the same event, and wakes who waits for it.

pub(crate) mod acls;
mod certificates;
pub(crate) mod commits;
mod coordinators;
mod failure;
mod groups;
pub(crate) mod heartbeats;
pub(crate) mod iam;
pub(crate) mod metadata;
mod partitioner;
mod partitions;
pub(crate) mod produce;
mod producers;
mod rules;
mod topic;
mod topics;
pub(crate) mod users;

pub(crate) use coordinators::CoordinatorCommand;
pub(crate) use failure::CommandFailure;
pub(crate) use iam::IamCommand;
pub(crate) use partitions::PartitionCommand;
pub(crate) use topic::TopicCommand;

use bytes::Bytes;
use serde::{Deserialize, Serialize};

use super::Engine;
use super::authorizer::Acl;
use super::cluster::Partition;
use super::context::{Call, Effect, Effects, Ticket};
use super::endpoints::AdvertisedAddress;
use super::fault::{FaultId, Rule};
use super::ids::NOBODY;
use super::input::Reply;
use super::listeners::ListenerId;
use super::reset::Kind;
use super::snapshot::Snapshot;
use super::state::State;
use super::state_topic::StateTopic;
use super::time::Now;
use std::sync::Arc;

use crate::engine::topic_partition::TopicPartition;
use crate::wire::apis::{Request, Response};
use crate::wire::units::NodeId;
use commits::OffsetToCommit;
use heartbeats::Passing;
use produce::PlacedRecord;

/// Everything that a test does to a cluster, in one vocabulary: the library, the control port and so the command line
/// speak it.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Command {
    /// A node leaves service: others lead its partitions, and coordinate what it coordinated.
    StopNode {
        node: NodeId,
    },
    /// A node is back; it follows until it is elected again.
    StartNode {
        node: NodeId,
    },
    /// One more node, which clients reach there by each listener.
    AddNode {
        rack: Option<String>,
        places: Vec<(ListenerId, String, u16)>,
    },
    /// A node leaves the cluster for good.
    RemoveNode {
        node: NodeId,
    },
    /// Clients are told to reach each of these nodes at this host and port.
    Advertise {
        nodes: Vec<AdvertisedAddress>,
    },
    /// What an admin client does to a topic.
    Topic {
        topic: String,
        act: TopicCommand,
    },
    /// A topic is deleted and made again, with another id.
    RecreateTopic {
        topic: String,
    },
    /// Records are written to a topic, in a transaction that stays open if there is an id for one.
    WriteRecords {
        topic: String,
        records: Vec<PlacedRecord>,
        transactional_id: Option<String>,
    },
    /// A group without members commits offsets.
    CommitOffsets {
        group: String,
        offsets: Vec<OffsetToCommit>,
    },
    Partition {
        topic: String,
        partition: i32,
        act: PartitionCommand,
    },
    /// Something happens to the coordinator of a key: a group, or a transactional id.
    Coordinator {
        topic: StateTopic,
        key: String,
        act: CoordinatorCommand,
    },
    EvictMember {
        group: String,
        /// Its id or its group instance id.
        member: String,
    },
    RebalanceGroup {
        group: String,
    },
    /// Time passes, and all clients that live have sent their heartbeats by now.
    Heartbeats {
        passing: Passing,
    },
    FenceProducer {
        transactional_id: String,
    },
    /// Transaction markers are kept back, or no longer.
    HoldMarkers {
        hold: bool,
    },
    /// So many answers to Metadata tell of how things are now.
    FreezeMetadata {
        answers: u64,
    },
    AddUser {
        name: String,
        password: String,
    },
    RemoveUser {
        name: String,
    },
    /// Who has logged in as that user is to log in again. [`Reply::Count`] says how many connections are.
    ExpireSessions {
        name: String,
    },
    /// Certificates with this distinguished name expire now, or are good again.
    ExpireCertificate {
        name: String,
        expires: bool,
    },
    /// Somebody may do something from now on, or may not.
    AddAcl {
        acl: Acl,
    },
    /// ACLs hold no more. [`Reply::Acls`] says which.
    RemoveAcls {
        query: acls::AclQuery,
    },
    /// Who can log in as AWS's clients do, and what they may do.
    Iam(IamCommand),
    MountRule {
        rule: Box<Rule>,
        /// Where it is said, such as a line of a file.
        place: Option<String>,
    },
    /// A rule ends: what it keeps goes on, and it acts no more. [`Reply::Is`] says whether there is such a rule.
    ReleaseRule {
        rule: FaultId,
    },
    /// A rule ends and is forgotten, with what it expected. [`Reply::Is`] says whether there was such a rule.
    RemoveRule {
        rule: FaultId,
    },
    /// All rules end.
    Heal,
    ClearJournal,
    /// The cluster is what it was at its start; or some of it is.
    Reset {
        only: Option<Vec<Kind>>,
    },
    /// The cluster is what it was when the snapshot was taken.
    Restore {
        snapshot: Snapshot,
    },
}

impl Command {
    /// Something happens to a partition.
    pub(crate) fn partition(topic: &str, partition: i32, act: PartitionCommand) -> Self {
        let topic = topic.to_owned();
        Self::Partition {
            topic,
            partition,
            act,
        }
    }
}

impl Engine {
    /// Does what a test wants.
    ///
    /// # Errors
    /// It cannot be done.
    #[expect(
        clippy::wildcard_enum_match_arm,
        reason = "the other half is done below"
    )]
    pub(super) fn command(
        &mut self,
        now: Now,
        command: Command,
        effects: &mut Effects,
    ) -> Result<Reply, CommandFailure> {
        use Command as Do;
        match command {
            Do::StopNode { node } => {
                self.passage.heard.cut_node(node);
                return Ok(Reply::Is(self.state.stop_node(now, node)));
            }
            Do::StartNode { node } => return Ok(Reply::Is(self.state.start_node(now, node))),
            Do::AddNode { rack, places } => {
                return Ok(Reply::Node(self.state.add_node(rack, places)));
            }
            Do::RemoveNode { node } => self.state.remove_node(now, node),
            Do::Advertise { nodes } => self.state.advertise(nodes)?,
            Do::FreezeMetadata { answers } => self.state.freeze_metadata(answers),
            Do::AddUser { name, password } => self.state.add_user(&name, &password)?,
            Do::RemoveUser { name } => self.state.remove_user(&name)?,
            Do::ExpireSessions { name } => {
                return Ok(Reply::Count(self.state.sasl.expire_sessions(&name)));
            }
            Do::ExpireCertificate { name, expires } => {
                self.state.expire_certificate(&name, expires)?;
            }
            Do::AddAcl { acl } => self.state.add_acl_checked(acl)?,
            Do::RemoveAcls { query } => return Ok(Reply::Acls(self.state.remove_acls(&query)?)),
            Do::Iam(act) => self.state.command_iam(act)?,
            Do::MountRule { rule, place } => {
                return Ok(Reply::Rule(self.passage.faults.mount(*rule, place)?));
            }
            Do::ReleaseRule { rule } => {
                return Ok(Reply::Is(self.release_rule(now, rule, effects)));
            }
            Do::RemoveRule { rule } => return Ok(Reply::Is(self.remove_rule(now, rule, effects))),
            Do::Heartbeats { passing } => self.heartbeats(now, &passing),
            Do::Heal => self.heal(now, effects),
            Do::ClearJournal => self.passage.journal.clear(),
            Do::Reset { only: None } => self.reset(now, effects)?,
            Do::Reset { only: Some(kinds) } => self.reset_only(now, &kinds, effects)?,
            Do::Restore { snapshot } => self.restore(now, &snapshot, effects)?,
            other => return self.command_content(now, other, effects),
        }
        Ok(Reply::Done)
    }

    /// What concerns topics, groups and transactions.
    #[expect(
        clippy::wildcard_enum_match_arm,
        reason = "the other half is done already"
    )]
    fn command_content(
        &mut self,
        now: Now,
        command: Command,
        effects: &mut Effects,
    ) -> Result<Reply, CommandFailure> {
        use Command as Do;
        match command {
            Do::Topic { topic, act } => self.command_topic(now, &topic, act, effects)?,
            Do::RecreateTopic { topic } => self.state.recreate_topic(now, &topic)?,
            Do::WriteRecords {
                topic,
                records,
                transactional_id,
            } => {
                let id = transactional_id.as_deref();
                let written = self.produce_records(now, (&topic, id), &records, effects)?;
                return Ok(Reply::Written(written));
            }
            Do::CommitOffsets { group, offsets } => {
                self.commit_offsets(now, &group, &offsets, effects)?;
            }
            Do::Partition {
                topic,
                partition,
                act,
            } => self
                .state
                .command_partition(now, TopicPartition::at(&topic, partition), act)?,
            Do::Coordinator { topic, key, act } => {
                self.state.command_coordinator(now, (topic, &key), act)?;
            }
            Do::EvictMember { group, member } => self.state.evict_member(now, &group, &member)?,
            Do::RebalanceGroup { group } => self.state.rebalance_group(now, &group)?,
            Do::FenceProducer { transactional_id } => {
                self.fence_producer(now, &transactional_id, effects)?;
            }
            Do::HoldMarkers { hold } => self.state.transactions.hold_markers(hold),
            _ => {}
        }
        Ok(Reply::Done)
    }

    /// Does a request of nobody's, and returns what is answered at once: an input within a command, with what
    /// follows every input.
    pub(in crate::engine) fn ask_itself(
        &mut self,
        now: Now,
        (node, version): (NodeId, i16),
        request: Request,
        effects: &mut Effects,
    ) -> Option<Response> {
        let call = Call {
            ticket: Ticket(0),
            connection: NOBODY,
            node,
            version,
            correlation_id: 0,
            bytes: 0,
            body: Bytes::new(),
            client_id: Arc::default(),
            client_host: "/127.0.0.1".into(),
            dialled_host: Arc::default(),
            arrived: now,
            expired: false,
            last_rule: FaultId::default(),
            withheld: Vec::new(),
            too_new: None,
        };
        let mut own = Effects::default();
        self.request(now, call, request, &mut own);
        self.finish(now, &mut own);
        let mut answer = None;
        for effect in own.0 {
            match effect {
                Effect::Reply {
                    connection: NOBODY,
                    response,
                } => answer = Some(response),
                other @ (Effect::Reply { .. }
                | Effect::Encoded { .. }
                | Effect::Nothing { .. }
                | Effect::Close { .. }) => effects.0.push(other),
            }
        }
        answer
    }
}

impl State {
    /// Does something to a partition, and tells who waits for news of it.
    fn on_partition<T>(
        &mut self,
        now: Now,
        place: TopicPartition<&str>,
        act: impl FnOnce(&mut Partition) -> Result<T, CommandFailure>,
    ) -> Result<T, CommandFailure> {
        let topic = place.topic;
        let Some(found) = self.cluster.topic_mut(topic) else {
            return Err(CommandFailure::Unknown(format!(
                "there is no topic {topic}"
            )));
        };
        let partitions = found.partitions.len();
        let Some(partition) = found.partition_mut(place.partition) else {
            let why = format!(
                "topic {topic} has partitions 0 to {}",
                partitions.saturating_sub(1)
            );
            return Err(CommandFailure::Unknown(why));
        };
        let before = (partition.log.start().0, partition.log.end().0);
        let result = act(partition)?;
        let after = (partition.log.start().0, partition.log.end().0);
        self.outbox.log_start_moved(place, (before.0, after.0));
        self.outbox.log_truncated(place, (before.1, after.1));
        self.count_log_bytes(topic, place.partition);
        self.changed_topic(now, topic);
        Ok(result)
    }

    /// Refuses a node that is not there or does not run.
    fn running(&self, node: NodeId) -> Result<(), CommandFailure> {
        if !self.cluster.nodes.contains_key(&node) {
            return Err(CommandFailure::Unknown(format!("there is no node {node}")));
        }
        if !self.cluster.is_up(node) {
            return Err(CommandFailure::Impossible(format!(
                "node {node} is stopped: start it first"
            )));
        }
        Ok(())
    }
}
