//! Records on their way to the dead-letter topic (KIP-1191).

use super::in_flight::Deliveries;
use super::{Change, DeadLetterCause, RecordState, SharePartition, Step, Terms};
use crate::engine::share::kept::StateBatch;

impl SharePartition {
    /// What was on its way when its state was written: it is sent again.
    pub(crate) fn archiving(&self, terms: &Terms) -> Vec<Step> {
        let mut steps = Vec::new();
        for (key, records) in &self.in_flight {
            for (offsets, delivery) in records.runs() {
                if delivery.state != RecordState::Archiving {
                    continue;
                }
                // Nobody has written down why.
                let cause = if delivery.count >= terms.deliveries_max {
                    DeadLetterCause::DeliveryCountExceeded
                } else {
                    DeadLetterCause::Rejected
                };
                steps.push(Step {
                    written: StateBatch::new(offsets, delivery.state.id(), delivery.count),
                    key: *key,
                    change: 0,
                    cause: Some(cause),
                    is_spent: false,
                });
            }
        }
        steps
    }

    /// The records are there, or never will be.
    pub(crate) fn archive_step(&mut self, step: &Step) -> Option<Change> {
        let (first, last) = (step.written.first, step.written.last);
        let (key, locks) = (step.key, &mut self.locks);
        match &mut self.in_flight.get_mut(&key)?.records {
            Deliveries::Alike(delivery) => delivery.archive(locks, (key, key)),
            Deliveries::ByOffset(each) => {
                for (offset, delivery) in each.range_mut(first..=last) {
                    delivery.archive(locks, (key, *offset));
                }
            }
        }
        self.done = self.done.saturating_add(self.count_from_start(first, last));
        let written = StateBatch {
            state: RecordState::Archived.id(),
            ..step.written
        };
        Some(self.change(vec![Step {
            written,
            cause: None,
            ..step.clone()
        }]))
    }
}
