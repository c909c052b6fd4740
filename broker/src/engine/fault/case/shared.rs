//! Share partitions that fail: their rows stay in the request, so that the client's share session goes on as it expects,
//! but nothing is acknowledged of them and nothing acquired.

use uuid::Uuid;

use super::{Case, NamedRow};
use crate::engine::fault::entities::ErrorField;
use crate::wire::api::Api;
use crate::wire::dynamic::Value;

/// Where a ShareFetch says what became of acknowledgements.
pub(super) const OF_ACKNOWLEDGEMENTS: &str = "AcknowledgeErrorCode";

const BATCHES: &str = "AcknowledgementBatches";

impl Case {
    /// Whether a place in the answer speaks of one share partition.
    pub(crate) fn is_of_shared(&self, place: &ErrorField) -> bool {
        let shares = matches!(self.api, Api::ShareFetch | Api::ShareAcknowledge);
        shares && place.depth > 0
    }

    /// Of rows that are to fail, those that can: an error of acknowledgements is about those alone.
    pub(crate) fn acknowledging(&self, place: &ErrorField, rows: &mut Vec<NamedRow>) {
        if place.field == OF_ACKNOWLEDGEMENTS {
            rows.retain(|row| {
                let said = self
                    .batches_at(row)
                    .and_then(|path| self.request.get(&path));
                said.is_some_and(|said| !said.elements().is_empty())
            });
        }
    }

    /// Has nothing be acknowledged of these rows. Says from which partitions nothing is to be acquired.
    pub(crate) fn withhold(&mut self, place: &ErrorField, failed: &[NamedRow]) -> Vec<(Uuid, i32)> {
        for row in failed {
            let path = self.batches_at(row);
            let said = path.and_then(|path| self.request.get_mut(&path));
            if let Some(said) = said {
                *said = Value::Array(Vec::new());
            }
        }
        if place.field == OF_ACKNOWLEDGEMENTS {
            return Vec::new();
        }
        failed.iter().filter_map(share_partition).collect()
    }

    /// Where the request says what became of a row's records.
    fn batches_at(&self, row: &NamedRow) -> Option<String> {
        let [topic, partition] = *row.at.as_slice() else {
            return None;
        };
        Some(format!("Topics[{topic}].Partitions[{partition}].{BATCHES}"))
    }
}

/// Which partition a row is about.
fn share_partition(row: &NamedRow) -> Option<(Uuid, i32)> {
    let mut keys = row.keys.iter().flatten();
    let mut key = |name: &str| {
        keys.find(|(field, _)| *field == name)
            .map(|(_, value)| value)
    };
    let Some(Value::Uuid(topic)) = key("TopicId") else {
        return None;
    };
    let partition = key("PartitionIndex")?.as_int()?;
    Some((*topic, i32::try_from(partition).ok()?))
}
