//! What requests of share groups are about.

use super::{Keys, Topics};
use crate::wire::apis::Request;

impl Keys {
    /// Requests of members of share groups, and of their admin clients.
    pub(super) fn shares(&mut self, request: &Request, topics: &mut Topics<'_>) {
        match request {
            Request::ShareGroupHeartbeat(r) => {
                self.member(&r.group_id, &r.member_id, None);
                self.generation = Some(r.member_epoch);
            }
            Request::ShareFetch(r) => {
                let group = r.group_id.as_ref().map(|group| &*group.0);
                self.share_member(group, r.member_id.as_deref());
                for topic in &r.topics {
                    let partitions = topic.partitions.iter().map(|p| p.partition_index);
                    topics.add("", topic.topic_id, partitions);
                }
            }
            Request::ShareAcknowledge(r) => {
                let group = r.group_id.as_ref().map(|group| &*group.0);
                self.share_member(group, r.member_id.as_deref());
                for topic in &r.topics {
                    let partitions = topic.partitions.iter().map(|p| p.partition_index);
                    topics.add("", topic.topic_id, partitions);
                }
            }
            Request::ShareGroupDescribe(r) => r.group_ids.iter().for_each(|id| self.group(id)),
            Request::DescribeShareGroupOffsets(r) => {
                for group in &r.groups {
                    self.group(&group.group_id);
                    for topic in group.topics.iter().flatten() {
                        topics.named(&topic.topic_name, topic.partitions.iter().copied());
                    }
                }
            }
            Request::AlterShareGroupOffsets(r) => {
                self.group(&r.group_id);
                for topic in &r.topics {
                    let partitions = topic.partitions.iter().map(|p| p.partition_index);
                    topics.named(&topic.topic_name, partitions);
                }
            }
            Request::DeleteShareGroupOffsets(r) => {
                self.group(&r.group_id);
                for topic in &r.topics {
                    topics.named(&topic.topic_name, std::iter::empty());
                }
            }
            _ => self.share_states(request, topics),
        }
    }

    /// What leaders and group coordinators ask of the share coordinator.
    fn share_states(&mut self, request: &Request, topics: &mut Topics<'_>) {
        /// The group, and the partitions of topics that are named by id.
        macro_rules! state {
            ($($name:ident),*) => {
                match request {
                    $(Request::$name(r) => {
                        self.group(&r.group_id);
                        for topic in &r.topics {
                            let partitions = topic.partitions.iter().map(|p| p.partition);
                            topics.add("", topic.topic_id, partitions);
                        }
                    })*
                    _ => {}
                }
            };
        }
        state!(
            InitializeShareGroupState,
            ReadShareGroupState,
            WriteShareGroupState,
            DeleteShareGroupState,
            ReadShareGroupStateSummary
        );
    }

    fn share_member(&mut self, group: Option<&str>, member: Option<&str>) {
        if let Some(group) = group {
            self.member(group, member.unwrap_or_default(), None);
        }
    }
}
