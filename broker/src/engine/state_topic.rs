//! The internal topics whose partitions' leaders are the coordinators.

use serde::{Deserialize, Serialize};

use crate::engine::cluster::Cluster;
use crate::engine::cluster::configs::Overrides;
use crate::engine::context::{Context, ReadContext};
use crate::engine::java::hash;
use crate::engine::state::State;
use crate::engine::time::Now;
use crate::wire::units::{NodeId, Offset};

/// A coordinators' topic.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum StateTopic {
    Groups,
    Transactions,
    Shares,
}

/// One setting of the topic: a text of its own, or that of a broker's setting.
enum Setting {
    Fixed(&'static str),
    OfBroker(&'static str),
}

use Setting::{Fixed, OfBroker};

impl StateTopic {
    /// Every one of them.
    pub(crate) const ALL: [Self; 3] = [Self::Groups, Self::Transactions, Self::Shares];

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Groups => "__consumer_offsets",
            Self::Transactions => "__transaction_state",
            Self::Shares => "__share_group_state",
        }
    }

    /// The one that has this name.
    pub(crate) fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|topic| topic.name() == name)
    }

    /// What the broker's settings of this topic begin with.
    const fn prefix(self) -> &'static str {
        match self {
            Self::Groups => "offsets.topic",
            Self::Transactions => "transaction.state.log",
            Self::Shares => "share.coordinator.state.topic",
        }
    }

    /// What the oracle gives each topic of its own.
    const fn settings(self) -> &'static [(&'static str, Setting)] {
        match self {
            Self::Groups => &[
                ("cleanup.policy", Fixed("compact")),
                ("compression.type", Fixed("producer")),
                ("segment.bytes", OfBroker("segment.bytes")),
            ],
            Self::Transactions => &[
                ("cleanup.policy", Fixed("compact")),
                ("compression.type", Fixed("uncompressed")),
                ("min.insync.replicas", OfBroker("min.isr")),
                ("segment.bytes", OfBroker("segment.bytes")),
                ("unclean.leader.election.enable", Fixed("false")),
            ],
            Self::Shares => &[
                ("cleanup.policy", Fixed("delete")),
                ("compression.type", Fixed("producer")),
                ("min.insync.replicas", OfBroker("min.isr")),
                ("retention.ms", Fixed("-1")),
                ("segment.bytes", OfBroker("segment.bytes")),
            ],
        }
    }
}

/// Who leads the partition that `key` falls into. Makes the topic if there is none yet; nobody if
/// it cannot be made because there are fewer nodes than it is to have replicas.
pub(crate) fn leader_of(cx: &mut Context<'_>, topic: StateTopic, key: &str) -> Option<NodeId> {
    leader_in(cx.state, cx.now, cx.call.node, topic, key)
}

/// The same for anyone who is not a client; the settings of `node` say what the topic is made like.
pub(crate) fn leader_in(
    state: &mut State,
    now: Now,
    node: NodeId,
    topic: StateTopic,
    key: &str,
) -> Option<NodeId> {
    state.publish_topic(now, topic.name());
    if state.cluster.topic(topic.name()).is_none() {
        create(state, now, node, topic)?;
    }
    known_leader(&state.cluster, topic, key)
}

/// Who leads the partition that `key` falls into, if there is one.
pub(crate) fn known_leader(cluster: &Cluster, topic: StateTopic, key: &str) -> Option<NodeId> {
    let index = partition_of(cluster, topic, key)?;
    cluster.topic(topic.name())?.partition(index)?.leader
}

/// The partition that `key` falls into; none while there is no such topic.
pub(crate) fn partition_of(cluster: &Cluster, topic: StateTopic, key: &str) -> Option<i32> {
    let count = cluster.topic(topic.name())?.partitions_at_first;
    let picked = absolute(hash::of_str(key)).checked_rem(u32::try_from(count).ok()?)?;
    i32::try_from(picked).ok()
}

/// Where the partition that `key` falls into ends; the beginning while there is no such topic.
pub(crate) fn end_of(cluster: &Cluster, topic: StateTopic, key: &str) -> Offset {
    let index = partition_of(cluster, topic, key);
    let partition = index.and_then(|index| cluster.topic(topic.name())?.partition(index));
    partition.map_or(Offset(0), |partition| partition.log.end())
}

/// The partition that `key` falls into, or will fall into once the topic is there.
pub(crate) fn partition_or_planned(cx: ReadContext<'_>, topic: StateTopic, key: &str) -> i32 {
    let planned = || {
        let name = format!("{}.num.partitions", topic.prefix());
        let count = cx.state.configs.broker_value(cx.call.node, &name);
        let count: u32 = count.to_text()?.parse().ok()?;
        i32::try_from(absolute(hash::of_str(key)).checked_rem(count)?).ok()
    };
    partition_of(&cx.state.cluster, topic, key)
        .or_else(planned)
        .unwrap_or_default()
}

/// What the topic is when it is made.
pub(crate) struct Layout {
    pub(crate) partitions: i32,
    pub(crate) factor: i16,
    pub(crate) settings: Overrides,
}

/// What the node's settings say of the topic.
pub(crate) fn layout_of(state: &State, node: NodeId, topic: StateTopic) -> Option<Layout> {
    let text = |name: &str| {
        let name = format!("{}.{name}", topic.prefix());
        state.configs.broker_value(node, &name).to_text()
    };
    let settings = topic.settings().iter().map(|(name, setting)| {
        let value = match setting {
            Fixed(value) => Some((*value).to_owned()),
            OfBroker(name) => text(name),
        };
        Some(((*name).to_owned(), value?))
    });
    Some(Layout {
        partitions: text("num.partitions")?.parse().ok()?,
        factor: text("replication.factor")?.parse().ok()?,
        settings: settings.collect::<Option<Overrides>>()?,
    })
}

fn create(state: &mut State, now: Now, node: NodeId, topic: StateTopic) -> Option<()> {
    let layout = layout_of(state, node, topic)?;
    let (count, factor) = (
        layout.partitions.try_into().ok()?,
        layout.factor.try_into().ok()?,
    );
    if factor > state.cluster.node_ids().len() {
        return None;
    }
    let assignments = state.place_replicas(count, factor);
    state.create_topic(now, topic.name(), assignments, layout.settings, true);
    state.changed_topic(now, topic.name());
    Some(())
}

/// Where the partitions of a state topic lie: the replicas of each.
#[derive(Debug)]
pub(crate) struct StatePlacement(Vec<Vec<NodeId>>);

impl State {
    /// Where the topic's partitions lie; none if there is no such topic.
    pub(super) fn placement_of(&self, topic: StateTopic) -> Option<StatePlacement> {
        let partitions = self.cluster.topic(topic.name())?.partitions.iter();
        let replicas = partitions.map(|partition| partition.replicas.clone());
        Some(StatePlacement(replicas.collect()))
    }

    /// Makes the topic where it was before, unless it is there again, or nobody is left to lead it.
    pub(super) fn place_state_topic(
        &mut self,
        now: Now,
        topic: StateTopic,
        StatePlacement(replicas): StatePlacement,
    ) {
        let node = self.cluster.controller();
        let live = self.cluster.live_ids();
        let is_led = |replicas: &Vec<NodeId>| replicas.iter().any(|node| live.contains(node));
        if self.cluster.topic(topic.name()).is_none()
            && replicas.iter().all(is_led)
            && let Some(layout) = layout_of(self, node, topic)
        {
            self.create_topic(now, topic.name(), replicas, layout.settings, true);
            self.changed_topic(now, topic.name());
        }
    }
}

/// A hash without its sign, as Kafka's `Utils.abs` has it.
const fn absolute(hash: u32) -> u32 {
    match hash.cast_signed() {
        i32::MIN => 0,
        signed => signed.unsigned_abs(),
    }
}

#[cfg(test)]
mod tests {
    use super::absolute;

    #[test]
    fn signs_are_dropped() {
        for (hash, expected) in [(5, 5), (-5, 5), (i32::MIN, 0), (i32::MAX, 0x7fff_ffff)] {
            assert_eq!(absolute(hash.cast_unsigned()), expected, "{hash}");
        }
    }
}
