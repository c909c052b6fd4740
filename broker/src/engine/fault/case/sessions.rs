//! What a fetch session or a share session adds to the rows of its requests.

use uuid::Uuid;

use super::{Case, Topics};
use crate::engine::fault::entities::{NamedRow, Selected};
use crate::engine::fetch::sessions::FetchedPartition;
use crate::engine::share::sessions::{SessionKey, SessionPartition};
use crate::wire::api::Api;
use crate::wire::dynamic::Value;
use crate::wire::units::NodeId;

impl Case {
    /// Adds what a fetch session remembers, which its requests do not name again.
    pub(crate) fn remember<'a>(
        &mut self,
        partitions: impl Iterator<Item = &'a FetchedPartition>,
        topics: Topics<'_>,
    ) {
        let forgotten = self.forgotten();
        let remembered = partitions.filter(|remembered| {
            let is = |(name, id, index): &(Option<String>, Uuid, i64)| {
                let topic = *id == remembered.topic_id || *name == remembered.topic;
                topic && *index == i64::from(remembered.partition)
            };
            !forgotten.iter().any(is)
        });
        for remembered in remembered {
            let id = remembered.topic_id;
            let topic = remembered.topic.clone().or_else(|| topics(id));
            let index = Value::Int(remembered.partition.into());
            let mut names = self.root.clone();
            names.add(Selected::Partition, remembered.partition.to_string());
            if let Some(topic) = &topic {
                names.add(Selected::Topic, topic);
            }
            let name = topic.map_or(Value::Null, Value::Text);
            self.rows.push(NamedRow {
                at: Vec::new(),
                names,
                keys: vec![
                    vec![("Topic", name), ("TopicId", Value::Uuid(id))],
                    vec![("PartitionIndex", index)],
                ],
                open: false,
            });
        }
    }

    /// Adds what a share session remembers beyond what its request names.
    pub(crate) fn remember_shared(
        &mut self,
        partitions: impl Iterator<Item = SessionPartition>,
        topics: Topics<'_>,
    ) {
        let forgotten = self.forgotten();
        for remembered in partitions {
            let (id, index) = (remembered.topic, i64::from(remembered.partition));
            let is_forgotten = forgotten
                .iter()
                .any(|(_, topic, partition)| (*topic, *partition) == (id, index));
            let keys = vec![
                vec![("TopicId", Value::Uuid(id))],
                vec![("PartitionIndex", Value::Int(index))],
            ];
            if is_forgotten || self.rows.iter().any(|row| row.keys == keys) {
                continue;
            }
            let mut names = self.root.clone();
            names.add(Selected::Partition, index.to_string());
            if let Some(topic) = remembered.name.or_else(|| topics(id)) {
                names.add(Selected::Topic, &topic);
            }
            self.rows.push(NamedRow {
                at: Vec::new(),
                names,
                keys,
                open: false,
            });
        }
    }

    /// The share session that a ShareFetch goes on with at a node.
    pub(crate) fn share_session(&self, node: NodeId) -> Option<SessionKey> {
        let epoch = self.request.get("ShareSessionEpoch")?.as_int()?;
        let name = |field| self.request.get(field)?.as_text();
        let (group, member) = (name("GroupId")?, name("MemberId")?);
        (self.api == Api::ShareFetch && epoch > 0).then(|| SessionKey {
            node,
            group: group.into(),
            member: member.into(),
        })
    }

    /// What a Fetch takes out of its session.
    fn forgotten(&self) -> Vec<(Option<String>, Uuid, i64)> {
        let mut forgotten = Vec::new();
        let topics = self.request.get("ForgottenTopicsData");
        for topic in topics.map_or(&[][..], Value::elements) {
            let name = topic.get("Topic").and_then(Value::as_text);
            let id = match topic.get("TopicId") {
                Some(Value::Uuid(id)) => *id,
                _ => Uuid::max(),
            };
            let partitions = topic.get("Partitions").map_or(&[][..], Value::elements);
            let indexes = partitions.iter().filter_map(Value::as_int);
            forgotten.extend(indexes.map(|index| (name.map(str::to_owned), id, index)));
        }
        forgotten
    }

    /// The session that a Fetch goes on with.
    pub(crate) fn fetch_session(&self) -> Option<i32> {
        let epoch = self.request.get("SessionEpoch")?.as_int()?;
        let id = self.request.get("SessionId")?.as_int()?;
        (self.api == Api::Fetch && epoch > 0).then(|| i32::try_from(id).ok())?
    }
}
