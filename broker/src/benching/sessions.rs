//! Fetch sessions.

use std::time::Duration;

use uuid::Uuid;

use crate::engine::fetch::sessions::{
    FetchSessions, FetchedPartition, Mode, PartitionRequest, PartitionResponse, SessionRequest,
};
use crate::engine::testing::START;
use crate::engine::time::Now;
use crate::wire::units::Offset;

const NOW: Now = Now {
    elapsed: Duration::ZERO,
    wall: START,
};

/// What Kafka's brokers have room for.
const SLOTS: usize = 1000;

/// The session of a consumer that has read all there is.
#[derive(Debug)]
pub struct FetchSession {
    sessions: FetchSessions,
    id: i32,
    epoch: i32,
    answers: Vec<PartitionResponse>,
}

impl FetchSession {
    /// A session of so many partitions.
    pub fn open(partitions: i32) -> Self {
        let mut sessions = FetchSessions::default();
        let wanted = (0..partitions).map(|partition| {
            let partition = FetchedPartition {
                topic: Some("orders".to_owned()),
                topic_id: Uuid::from_u128(1),
                partition,
            };
            let request = PartitionRequest {
                offset: Offset(1000),
                max_bytes: 1 << 20,
                current_leader_epoch: Some(0),
                last_fetched_epoch: None,
            };
            (partition, request)
        });
        let answer = PartitionResponse {
            high_watermark: 1000,
            log_start: 0,
            has_records: false,
            is_error: false,
            has_hint: false,
        };
        let wanted: Vec<_> = wanted.collect();
        let answers = vec![answer; wanted.len()];
        let id = sessions.open(NOW, true, wanted, &answers, (SLOTS, &mut || 7));
        Self {
            sessions,
            id,
            epoch: 1,
            answers,
        }
    }

    /// Takes the next request, which changes nothing, and answers that there is nothing new. Says how many partitions
    /// were looked at.
    pub fn go_on(&mut self) -> usize {
        let request = SessionRequest {
            id: self.id,
            epoch: self.epoch,
            by_id: true,
            ticket: 1,
        };
        let begun = self.sessions.begin(NOW, request, Vec::new(), &[]);
        let (mode, partitions) = begun.unwrap();
        assert_eq!(mode, Mode::Incremental(self.id));
        let news = self.sessions.news(self.id, &self.answers);
        assert!(!news.contains(&true), "news where there are none");
        self.sessions.answer(self.id, &self.answers);
        // 0 would open a session.
        self.epoch = self.epoch.checked_add(1).unwrap_or(1);
        partitions.len()
    }
}
