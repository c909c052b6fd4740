//! Errands that are begun together: what follows once all of them are done, and who waits for it.

use std::collections::BTreeMap;
use std::sync::Arc;

use uuid::Uuid;

use super::SharePartitionKey;
use super::errands::{Ask, Errand, Then, Told};
use crate::engine::api_error::ApiError;
use crate::engine::context::Ticket;
use crate::engine::group::share::TopicPartitions;
use crate::engine::group::wanted_states::WantedStates;
use crate::engine::state::State;
use crate::engine::state_topic::StateTopic;
use crate::engine::time::Now;
use crate::wire::error::ErrorCode;
use crate::wire::messages::describe_share_group_offsets_response::DescribeShareGroupOffsetsResponseGroup;
use crate::wire::messages::{GroupId, TopicName};
use crate::wire::units::NodeId;

/// What the share coordinator has said of each share partition.
pub(crate) type Gathered = BTreeMap<SharePartitionKey, Result<Told, ApiError>>;

/// Errands of which some are not done.
#[derive(Debug)]
pub(crate) struct Gathering {
    errands: Vec<(SharePartitionKey, Option<Result<Told, ApiError>>)>,
    purpose: Purpose,
}

/// What somebody asks the share coordinator for.
#[derive(Debug, Clone)]
pub(super) enum Purpose {
    /// A group's members have subscribed.
    Subscribed(NodeId, WantedStates),
    Altered(Asking, WantedStates),
    /// Of a group.
    OffsetsDeleted(Asking, Arc<str>),
    /// With their coordinator's place in the answer.
    GroupsDeleted(Asking, usize, Vec<Deleted>),
    Described(Ticket),
}

/// A request that asks a group's coordinator.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Asking {
    /// The node that was asked.
    pub(crate) node: NodeId,
    pub(crate) ticket: Ticket,
}

/// A group to be deleted: so far, or in the end, whether that may be.
pub(crate) type Deleted = (GroupId, Result<(), ErrorCode>);

/// By topic, whether all of it ended.
pub(crate) type Ended = BTreeMap<Uuid, Result<(), ApiError>>;

/// What requests know that wait for the share coordinator.
#[derive(Debug, Clone)]
pub(crate) enum Asked {
    Altered(Option<Gathered>),
    OffsetsDeleted {
        /// Topics that the client may not read.
        denied: Vec<TopicName>,
        /// Topics of which nothing can be deleted, and why.
        refused: Vec<(String, ApiError)>,
        ended: Option<Ended>,
    },
    /// By coordinator, if it is done.
    GroupsDeleted(Vec<Option<Vec<Deleted>>>),
    Described {
        groups: Vec<DescribeShareGroupOffsetsResponseGroup>,
        told: Option<Gathered>,
    },
}

impl State {
    /// Asks the share coordinators of several share partitions. None if somebody has to wait: then what follows is what
    /// the purpose says.
    fn gather_errands(
        &mut self,
        now: Now,
        errands: Vec<Errand>,
        purpose: impl FnOnce() -> Purpose,
    ) -> Option<Gathered> {
        let number = self.shares.next_number();
        let mut told = Vec::with_capacity(errands.len());
        for (place, errand) in errands.into_iter().enumerate() {
            let key = errand.key.clone();
            let then = || Then::Gather(number, place);
            told.push((key, self.ask_share_coordinator(now, errand, then)));
        }
        if told.iter().all(|(_, told)| told.is_some()) {
            return Some(gathered(told));
        }
        let gathering = Gathering {
            errands: told,
            purpose: purpose(),
        };
        self.shares.gatherings.insert(number, gathering);
        None
    }

    /// One of several errands is done.
    pub(super) fn gather(
        &mut self,
        now: Now,
        number: u64,
        (place, told): (usize, Result<Told, ApiError>),
    ) {
        let Some(gathering) = self.shares.gatherings.get_mut(&number) else {
            return;
        };
        if let Some((_, open)) = gathering.errands.get_mut(place) {
            *open = Some(told);
        }
        if gathering.errands.iter().any(|(_, told)| told.is_none()) {
            return;
        }
        if let Some(gathering) = self.shares.gatherings.remove(&number) {
            let gathered = gathered(gathering.errands);
            self.follow_gathering(now, gathering.purpose, gathered);
        }
    }

    fn follow_gathering(&mut self, now: Now, purpose: Purpose, gathered: Gathered) {
        let ticket = match purpose {
            Purpose::Subscribed(node, wanted) => {
                return self.note_share_states(now, node, &wanted, &gathered);
            }
            Purpose::Altered(asking, wanted) => {
                self.alter_share_states(now, asking, &wanted, &gathered);
                let asked = self.shares.asking.get_mut(&asking.ticket);
                if let Some(Asked::Altered(told)) = asked {
                    *told = Some(gathered);
                }
                asking.ticket
            }
            Purpose::OffsetsDeleted(asking, group) => {
                let done = self.end_share_offsets(now, asking, &group, &gathered);
                let asked = self.shares.asking.get_mut(&asking.ticket);
                if let Some(Asked::OffsetsDeleted { ended, .. }) = asked {
                    *ended = Some(done);
                }
                asking.ticket
            }
            Purpose::GroupsDeleted(asking, place, groups) => {
                let done = self.end_share_groups(now, asking, groups, &gathered);
                let asked = self.shares.asking.get_mut(&asking.ticket);
                if let Some(Asked::GroupsDeleted(deleted)) = asked
                    && let Some(open) = deleted.get_mut(place)
                {
                    *open = Some(done);
                }
                asking.ticket
            }
            Purpose::Described(ticket) => {
                if let Some(Asked::Described { told, .. }) = self.shares.asking.get_mut(&ticket) {
                    *told = Some(gathered);
                }
                ticket
            }
        };
        self.outbox.wake_ticket(ticket);
    }

    /// Whether a node still is the coordinator of a group. Whoever is not has nothing to do with it any more.
    fn coordinates_group(&self, node: NodeId, group: &str) -> bool {
        self.check_coordinator(node, StateTopic::Groups, group)
            .is_ok()
    }

    /// Has a group's states begin that it wants for members, and tells it.
    pub(in crate::engine) fn begin_share_states(
        &mut self,
        now: Now,
        node: NodeId,
        wanted: &WantedStates,
    ) {
        let purpose = || Purpose::Subscribed(node, wanted.clone());
        if let Some(gathered) = self.gather_errands(now, beginnings(node, wanted), purpose) {
            self.note_share_states(now, node, wanted, &gathered);
        }
    }

    fn note_share_states(
        &mut self,
        now: Now,
        node: NodeId,
        wanted: &WantedStates,
        gathered: &Gathered,
    ) {
        if !self.coordinates_group(node, &wanted.group) {
            return;
        }
        let all = gathered.values().all(Result::is_ok);
        let partitions = wanted.partitions();
        self.with_groups(now, node, |groups, turn| {
            groups.note_states(turn, &wanted.group, &partitions, all);
        });
    }

    /// Has a group's states begin where an admin client says. None if that takes a while.
    pub(crate) fn begin_altered(
        &mut self,
        now: Now,
        asking: Asking,
        wanted: &WantedStates,
    ) -> Option<Gathered> {
        let purpose = || Purpose::Altered(asking, wanted.clone());
        let gathered = self.gather_errands(now, beginnings(asking.node, wanted), purpose)?;
        self.alter_share_states(now, asking, wanted, &gathered);
        Some(gathered)
    }

    /// Oracle: unless all of them have begun, the group goes on waiting for them.
    fn alter_share_states(
        &mut self,
        now: Now,
        asking: Asking,
        wanted: &WantedStates,
        gathered: &Gathered,
    ) {
        if gathered.values().all(Result::is_ok) {
            self.note_share_states(now, asking.node, wanted, gathered);
        }
    }

    /// Ends states of a group of which offsets are deleted: by topic, whether all of it ended. None if that takes a
    /// while.
    pub(crate) fn delete_share_offsets(
        &mut self,
        now: Now,
        asking: Asking,
        (group, partitions): (&Arc<str>, &TopicPartitions),
    ) -> Option<Ended> {
        let purpose = || Purpose::OffsetsDeleted(asking, Arc::clone(group));
        let gathered =
            self.gather_errands(now, endings(asking.node, group, partitions), purpose)?;
        Some(self.end_share_offsets(now, asking, group, &gathered))
    }

    fn end_share_offsets(
        &mut self,
        now: Now,
        Asking { node, .. }: Asking,
        group: &Arc<str>,
        gathered: &Gathered,
    ) -> Ended {
        let mut ended = Ended::new();
        for (key, told) in gathered {
            let topic = ended.entry(key.topic).or_insert(Ok(()));
            if let (Ok(()), Err(error)) = (&*topic, told) {
                *topic = Err(error.clone());
            }
        }
        let done = ended.iter().filter(|(_, ended)| ended.is_ok());
        let done: Vec<Uuid> = done.map(|(topic, _)| *topic).collect();
        if !done.is_empty() && self.coordinates_group(node, group) {
            self.with_groups(now, node, |groups, turn| {
                groups.end_deleting_share_offsets(turn, group, &done);
            });
        }
        ended
    }

    /// Deletes groups of one coordinator, the `place`th that is asked, once the states of the share groups among them have ended: those of which it
    /// is not known yet that they cannot be. None if that takes a while.
    pub(crate) fn delete_groups(
        &mut self,
        now: Now,
        asking: Asking,
        (place, groups): (usize, Vec<Deleted>),
        states: &[(Arc<str>, TopicPartitions)],
    ) -> Option<Vec<Deleted>> {
        let errands = states.iter();
        let errands =
            errands.flat_map(|(group, partitions)| endings(asking.node, group, partitions));
        let mut groups = Some(groups);
        let purpose = || Purpose::GroupsDeleted(asking, place, groups.take().unwrap_or_default());
        let gathered = self.gather_errands(now, errands.collect(), purpose)?;
        let groups = groups.unwrap_or_default();
        Some(self.end_share_groups(now, asking, groups, &gathered))
    }

    fn end_share_groups(
        &mut self,
        now: Now,
        Asking { node, .. }: Asking,
        groups: Vec<Deleted>,
        gathered: &Gathered,
    ) -> Vec<Deleted> {
        let mut failed: BTreeMap<&str, ErrorCode> = BTreeMap::new();
        for (key, told) in gathered {
            if let Err(error) = told {
                failed.entry(&key.group).or_insert(error.code);
            }
        }
        let mut done = Vec::with_capacity(groups.len());
        for (group, outcome) in groups {
            let outcome = outcome
                .and_then(|()| failed.get(&**group).map_or(Ok(()), |code| Err(*code)))
                .and_then(|()| self.check_coordinator(node, StateTopic::Groups, &group))
                .and_then(|()| {
                    self.with_groups(now, node, |groups, turn| groups.delete_group(turn, &group))
                });
            done.push((group, outcome));
        }
        done
    }

    /// What is written down of share partitions, for who describes groups. None if that takes a while.
    pub(crate) fn summarize_shares(
        &mut self,
        now: Now,
        Asking { node, ticket }: Asking,
        keys: impl IntoIterator<Item = SharePartitionKey>,
    ) -> Option<Gathered> {
        let errands = keys.into_iter().map(|key| Errand {
            node,
            key,
            what: Ask::Summary,
        });
        self.gather_errands(now, errands.collect(), || Purpose::Described(ticket))
    }
}

fn gathered(told: Vec<(SharePartitionKey, Option<Result<Told, ApiError>>)>) -> Gathered {
    let told = told.into_iter();
    told.filter_map(|(key, told)| Some((key, told?))).collect()
}

fn beginnings(node: NodeId, wanted: &WantedStates) -> Vec<Errand> {
    let states = wanted.states.iter().map(|state| Errand {
        node,
        key: SharePartitionKey {
            group: Arc::clone(&wanted.group),
            topic: state.topic,
            partition: state.partition,
        },
        what: Ask::Begin {
            state_epoch: wanted.epoch,
            start: state.start,
        },
    });
    states.collect()
}

fn endings(node: NodeId, group: &Arc<str>, partitions: &TopicPartitions) -> Vec<Errand> {
    let places = partitions.iter().flat_map(|(topic, partitions)| {
        let partitions = partitions.iter();
        partitions.map(|partition| (*topic, *partition))
    });
    let errands = places.map(|(topic, partition)| Errand {
        node,
        key: SharePartitionKey {
            group: Arc::clone(group),
            topic,
            partition,
        },
        what: Ask::End,
    });
    errands.collect()
}
