//! Steps of the scripts: requests, time, and what tests do.

use std::time::Duration;

use serde_json::json;

use super::{Came, World};
use crate::engine::commands::Command;
use crate::engine::fault::FaultId;
use crate::engine::input::Reply;
use crate::wire::api::Api;

pub(super) fn heartbeat(world: &mut World, connection: u64) -> Vec<Came> {
    let request = json!({ "groupId": "g", "generationId": 1, "memberId": "m" });
    world.send(connection, Api::Heartbeat, 4, &request)
}

pub(super) fn secs(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

impl World {
    /// Lets time pass; what comes of it are answers to heartbeats.
    pub(super) fn pass(&mut self, time: Duration) -> Vec<Came> {
        self.pass_time(time, (Api::Heartbeat, 4))
    }

    /// Lets time pass; what comes of it are answers to requests of an API and version.
    pub(super) fn pass_time(&mut self, time: Duration, (api, version): (Api, i16)) -> Vec<Came> {
        let end = self.bench.now.plus(time);
        let mut all = Vec::new();
        while let Some(effects) = self.bench.next_until(end) {
            let effects = crate::engine::context::Effects(effects);
            all.extend(super::came(effects, api, version));
        }
        all
    }

    pub(super) fn release(&mut self, id: FaultId) -> Vec<Came> {
        let (released, effects) = self.bench.tell(Command::ReleaseRule { rule: id });
        assert_eq!(released, Ok(Reply::Is(true)));
        super::came(effects, Api::Heartbeat, 4)
    }

    pub(super) fn heal(&mut self) -> Vec<Came> {
        let (_, effects) = self.bench.tell(Command::Heal);
        super::came(effects, Api::Heartbeat, 4)
    }

    pub(super) fn produce(&mut self, acks: i16, partitions: &[i32]) -> Vec<Came> {
        let batch = crate::engine::testing::batch("v");
        let records = base64::Engine::encode(&base64::prelude::BASE64_STANDARD, batch);
        let rows: Vec<_> = partitions
            .iter()
            .map(|index| json!({ "index": index, "records": records }))
            .collect();
        let request = json!({
            "acks": acks,
            "topicData": [{ "name": "a", "partitionData": rows }],
        });
        self.send(1, Api::Produce, 9, &request)
    }

    pub(super) fn stored(&self, partition: i32) -> usize {
        self.bench.batches("a", partition).len()
    }
}
