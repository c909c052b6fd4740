//! Groups, from a test.

use std::sync::Arc;
use std::time::Duration;

use super::broker::Broker;
use super::error::CommandError;
use crate::engine::commands::commits::OffsetToCommit;
use crate::engine::commands::{Command, CoordinatorCommand};
use crate::engine::inspect::{CommitView, GroupView};
use crate::engine::state_topic::StateTopic;
use crate::server::shared::Shared;
use crate::wire::units::NodeId;

/// A consumer group of a running cluster; from [`Broker::group`].
///
/// ```
/// let broker = fauxka::Broker::builder()
///     .toml("topics = [{ name = 'orders' }]\n offsets = [{ group = 'billing', topic = 'orders', partition = 0, offset = 0 }]")?
///     .start_blocking()?;
/// broker.produce("orders").value("first").send()?;
/// assert_eq!(broker.group("billing").lag(), 1);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
pub struct Group {
    pub(super) shared: Arc<Shared>,
    pub(super) id: String,
}

impl Broker {
    /// A consumer group, by its id.
    ///
    /// ```
    /// let broker = fauxka::Broker::builder().start_blocking()?;
    /// assert!(broker.group("billing").describe().is_none(), "nobody has joined it yet");
    /// # Ok::<(), fauxka::StartError>(())
    /// ```
    #[must_use]
    pub fn group(&self, id: &str) -> Group {
        Group {
            shared: self.shared(),
            id: id.to_owned(),
        }
    }

    /// Every group, by id.
    ///
    /// ```
    /// let broker = fauxka::Broker::builder()
    ///     .toml("topics = [{ name = 'orders' }]\n offsets = [{ group = 'billing', topic = 'orders', partition = 0, offset = 0 }]")?
    ///     .start_blocking()?;
    /// assert_eq!(broker.groups()[0].id, "billing");
    /// # Ok::<(), fauxka::StartError>(())
    /// ```
    #[must_use]
    pub fn groups(&self) -> Vec<GroupView> {
        let now = self.shared().clock.now();
        self.look(|engine| engine.state.group_views(now))
    }
}

impl Group {
    /// What the cluster knows of the group: its state, members, assignments, committed offsets and lag. Nothing if
    /// there is no such group.
    ///
    /// ```
    /// let broker = fauxka::Broker::builder()
    ///     .toml("topics = [{ name = 'orders' }]\n offsets = [{ group = 'billing', topic = 'orders', partition = 0, offset = 0 }]")?
    ///     .start_blocking()?;
    /// let billing = broker.group("billing").describe().unwrap();
    /// assert_eq!(billing.state, "Empty");
    /// # Ok::<(), fauxka::StartError>(())
    /// ```
    #[must_use]
    pub fn describe(&self) -> Option<GroupView> {
        let now = self.shared.clock.now();
        self.shared
            .look(|engine| engine.state.group_view(now, &self.id))
    }

    /// Its latest commits, from the oldest on. The cluster remembers 10,000 of all groups together.
    ///
    /// ```
    /// let broker = fauxka::Broker::builder().start_blocking()?;
    /// // … the application runs …
    /// for commits in broker.group("billing").commits().windows(2) {
    ///     assert!(commits[0].offset <= commits[1].offset, "no commit goes back");
    /// }
    /// # Ok::<(), fauxka::StartError>(())
    /// ```
    #[must_use]
    pub fn commits(&self) -> Vec<CommitView> {
        self.shared
            .look(|engine| engine.state.commit_views(&self.id))
    }

    /// The offset that it has committed for a partition, if any.
    ///
    /// ```
    /// let broker = fauxka::Broker::builder()
    ///     .toml("topics = [{ name = 'orders' }]\n offsets = [{ group = 'billing', topic = 'orders', partition = 0, offset = 0 }]")?
    ///     .start_blocking()?;
    /// assert_eq!(broker.group("billing").committed("orders", 0), Some(0));
    /// assert_eq!(broker.group("billing").committed("orders", 1), None);
    /// # Ok::<(), fauxka::StartError>(())
    /// ```
    #[must_use]
    pub fn committed(&self, topic: &str, partition: i32) -> Option<i64> {
        let offsets = self.describe()?.offsets;
        let mut offsets = offsets.iter();
        let found = offsets.find(|found| found.topic == topic && found.partition == partition);
        Some(found?.offset)
    }

    /// Commits an offset for the group, as an admin client does.
    ///
    /// ```
    /// let broker = fauxka::Broker::builder().topic("orders", 1, 1).start_blocking()?;
    /// broker.group("billing").commit("orders", 0, 5)?;
    /// assert_eq!(broker.group("billing").committed("orders", 0), Some(5));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// The group has members, or there is no such partition.
    pub fn commit(&self, topic: &str, partition: i32, offset: i64) -> Result<(), CommandError> {
        let offset = OffsetToCommit {
            topic: topic.to_owned(),
            partition,
            offset,
            metadata: String::new(),
        };
        Ok(self.shared.carry_out(Command::CommitOffsets {
            group: self.id.clone(),
            offsets: vec![offset],
        })?)
    }

    /// How many records lie between its committed offsets and the high watermarks, over all partitions that it has
    /// committed for. Of a share group: how many records it is not done with, over all partitions in which it has begun.
    ///
    /// ```
    /// let broker = fauxka::Broker::builder()
    ///     .toml("topics = [{ name = 'orders' }]\n offsets = [{ group = 'billing', topic = 'orders', partition = 0, offset = 0 }]")?
    ///     .start_blocking()?;
    /// broker.produce("orders").send()?;
    /// broker.produce("orders").send()?;
    /// assert_eq!(broker.group("billing").lag(), 2);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn lag(&self) -> i64 {
        let group = self.describe();
        let offsets = group.iter().flat_map(|group| &group.offsets);
        let offsets = offsets.filter_map(|offset| offset.lag);
        let shared = group.iter().flat_map(|group| &group.share_partitions);
        let shared = shared.filter_map(|share| share.lag);
        offsets.chain(shared).sum()
    }

    /// Removes a member, named by its member id or its group instance id, as if its session had ended.
    ///
    /// ```
    /// let broker = fauxka::Broker::builder().start_blocking()?;
    /// // … the application joins …
    /// # let evicted =
    /// broker.group("billing").evict("worker-1")
    /// # ;
    /// # assert!(evicted.is_err(), "nobody has joined here");
    /// # Ok::<(), fauxka::StartError>(())
    /// ```
    ///
    /// # Errors
    /// There is no such group or member.
    pub fn evict(&self, member: &str) -> Result<(), CommandError> {
        Ok(self.shared.carry_out(Command::EvictMember {
            group: self.id.clone(),
            member: member.to_owned(),
        })?)
    }

    /// Begins a rebalance: a classic group gathers its members again, a consumer group (KIP-848) or share group (KIP-932)
    /// gets a new epoch.
    ///
    /// ```
    /// let broker = fauxka::Broker::builder().start_blocking()?;
    /// // … the application joins …
    /// # let begun =
    /// broker.group("billing").rebalance()
    /// # ;
    /// # assert!(begun.is_err(), "nobody has joined here");
    /// # Ok::<(), fauxka::StartError>(())
    /// ```
    ///
    /// # Errors
    /// There is no such group, or all its members are in a rebalance already.
    pub fn rebalance(&self) -> Result<(), CommandError> {
        Ok(self.shared.carry_out(Command::RebalanceGroup {
            group: self.id.clone(),
        })?)
    }

    /// Moves its coordinator to another node, which knows what was written down: a rebalance or a request that
    /// was under way is lost, as in Kafka. All groups in the same partition of the state topic move along.
    ///
    /// ```
    /// let broker = fauxka::Broker::builder()
    ///     .nodes(2)
    ///     .toml("topics = [{ name = 'orders' }]\n offsets = [{ group = 'billing', topic = 'orders', partition = 0, offset = 0 }]")?
    ///     .start_blocking()?;
    /// let billing = broker.group("billing");
    /// billing.move_coordinator(2)?;
    /// assert_eq!(billing.describe().unwrap().coordinator, Some(2));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// No client has looked for its coordinator yet, or there is no such node, or it does not run.
    pub fn move_coordinator(&self, node: i32) -> Result<(), CommandError> {
        self.coordinator(CoordinatorCommand::Move(NodeId(node)))
    }

    /// Has its coordinator load what was written down, for this long on the cluster's clock, or until
    /// [`Group::release_coordinator`] if you give no time. Meanwhile it answers COORDINATOR_LOAD_IN_PROGRESS, and so
    /// does any node that takes over from it.
    ///
    /// ```
    /// let broker = fauxka::Broker::builder()
    ///     .toml("topics = [{ name = 'orders' }]\n offsets = [{ group = 'billing', topic = 'orders', partition = 0, offset = 0 }]")?
    ///     .start_blocking()?;
    /// broker.group("billing").hold_coordinator(None)?;
    /// // … the application starts, and waits for its coordinator …
    /// broker.group("billing").release_coordinator()?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// No client has looked for its coordinator yet.
    pub fn hold_coordinator(&self, wait: Option<Duration>) -> Result<(), CommandError> {
        self.coordinator(CoordinatorCommand::Load(wait))
    }

    /// Ends what [`Group::hold_coordinator`] began.
    ///
    /// ```
    /// let broker = fauxka::Broker::builder().start_blocking()?;
    /// let too_early = broker.group("billing").release_coordinator();
    /// assert!(too_early.is_err(), "no client has looked for it yet");
    /// # Ok::<(), fauxka::StartError>(())
    /// ```
    ///
    /// # Errors
    /// No client has looked for its coordinator yet.
    pub fn release_coordinator(&self) -> Result<(), CommandError> {
        self.coordinator(CoordinatorCommand::Loaded)
    }

    fn coordinator(&self, act: CoordinatorCommand) -> Result<(), CommandError> {
        Ok(self.shared.carry_out(Command::Coordinator {
            topic: StateTopic::Groups,
            key: self.id.clone(),
            act,
        })?)
    }
}
