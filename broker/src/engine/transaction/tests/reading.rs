//! What readers of both isolation levels get, as a client filters it.

use std::collections::BTreeSet;

use super::World;
use super::world::{Refused, only};
use crate::engine::topic_partition::TopicPartition;
use crate::wire::apis::Response;
use crate::wire::batch::BatchView;
use crate::wire::messages as m;
use crate::wire::messages::str_bytes;

/// What one Fetch has brought.
#[derive(Debug, Default)]
pub(super) struct Fetched {
    /// Offset and value of each record that is not the reader's to leave out.
    pub(super) records: Vec<(i64, String)>,
    /// Where to go on.
    pub(super) next: i64,
}

impl World {
    /// The values that a reader gets from the beginning on.
    pub(super) fn read(&mut self, place: &TopicPartition, committed: bool) -> Vec<String> {
        let fetched = self.fetch((place, 0), committed).unwrap();
        fetched
            .records
            .into_iter()
            .map(|(_, value)| value)
            .collect()
    }

    /// What a reader gets from an offset on; records of aborted transactions are left out if it wants
    /// none.
    pub(super) fn fetch(
        &mut self,
        (place, from): (&TopicPartition, i64),
        committed: bool,
    ) -> Result<Fetched, Refused> {
        use m::fetch_request::{FetchPartition, FetchTopic};
        let partition = FetchPartition::default()
            .with_partition(place.partition)
            .with_fetch_offset(from)
            .with_partition_max_bytes(1 << 20);
        let topic = FetchTopic::default()
            .with_topic(str_bytes(place.topic.clone()).into())
            .with_partitions(vec![partition]);
        let request = m::FetchRequest::default()
            .with_max_bytes(1 << 20)
            .with_isolation_level(i8::from(committed))
            .with_session_epoch(-1)
            .with_topics(vec![topic]);
        self.turn_to_leader(place);
        let answer = only!(self.ask(12, request), Fetch);
        let row = &answer.responses[0].partitions[0];
        if row.error_code != 0 {
            return Err(row.error_code);
        }
        let aborted = row.aborted_transactions.iter().flatten();
        let aborted = aborted.map(|row| (row.first_offset, row.producer_id.0));
        let records = row.records.clone().unwrap_or_default().to_bytes();
        let batches = BatchView::parse_all(&records).unwrap();
        Ok(visible(&batches, aborted.collect(), from))
    }
}

/// What is left after a client's own filter: a producer's records are dropped from where its aborted
/// transaction begins up to the abort marker.
fn visible(batches: &[BatchView], mut aborted: BTreeSet<(i64, i64)>, from: i64) -> Fetched {
    let mut dropping: BTreeSet<i64> = BTreeSet::new();
    let mut fetched = Fetched {
        records: Vec::new(),
        next: from,
    };
    for batch in batches {
        fetched.next = batch.next_offset().0;
        while let Some(&(first, producer)) = aborted.first()
            && first <= batch.last_offset().0
        {
            aborted.pop_first();
            dropping.insert(producer);
        }
        let producer = batch.header().producer_id.0;
        if batch.is_control() {
            dropping.remove(&producer);
            continue;
        }
        if batch.is_transactional() && dropping.contains(&producer) {
            continue;
        }
        let unfolded = batch.unfold().unwrap();
        for (record, offset) in unfolded.iter().zip(batch.base_offset().0..) {
            let value = record.unwrap().value.unwrap_or_default();
            let value = String::from_utf8(value.to_vec()).unwrap();
            if offset >= from {
                fetched.records.push((offset, value));
            }
        }
    }
    fetched
}
