//! Rules against an engine at virtual time.

mod applied;
mod generated;
mod hints;
mod late;
mod recorded;
mod refusals;
mod scripts;
mod shares;
mod steps;
mod streams;
mod throttle;
pub(crate) mod transcripts;

use bytes::Bytes;
use serde_json::Value as Json;

use super::{FaultId, Rule};
use crate::engine::context::{ConnectionId, Effect, Effects};
use crate::engine::testing::Bench;
use crate::wire::api::Api;
use crate::wire::dynamic::Shape;
use crate::wire::rope::RopeMut;

/// An engine whose requests and answers are JSON.
struct World {
    bench: Bench,
}

/// What came of a request.
#[derive(Debug, Clone, PartialEq)]
enum Came {
    /// This answer, on this connection.
    Answer(u64, Json),
    /// Nothing is answered, and the next request is read.
    Nothing(u64),
    Closed(u64),
}

impl World {
    fn new() -> Self {
        Self::with(&[("group.initial.rebalance.delay.ms", "0")])
    }

    fn with(settings: &[(&str, &str)]) -> Self {
        let mut bench = Bench::new(settings);
        bench.topic("a", 2);
        bench.topic("b", 2);
        Self { bench }
    }

    fn try_mount(&mut self, rule: Json) -> Result<FaultId, String> {
        let rule = serde_json::from_value(rule).map_err(|error| error.to_string())?;
        let mounted = self.bench.engine.passage.faults.mount(rule, None);
        mounted.map_err(|error| error.to_string())
    }

    #[track_caller]
    fn mount(&mut self, rule: Json) -> FaultId {
        let rule: Rule = serde_json::from_value(rule).unwrap();
        let place = std::panic::Location::caller().to_string();
        self.bench
            .engine
            .passage
            .faults
            .mount(rule, Some(place))
            .unwrap()
    }

    fn refused(&mut self, rule: Json) -> String {
        self.try_mount(rule).unwrap_err()
    }

    fn hits(&self, id: FaultId) -> u64 {
        self.bench.engine.passage.faults.get(id).unwrap().hits
    }

    /// Sends a request as JSON, and says what came at once.
    fn send(&mut self, connection: u64, api: Api, version: i16, request: &Json) -> Vec<Came> {
        let shape = Shape::request(api.key(), version).unwrap();
        let body = shape.encode(&shape.read_json(request).unwrap()).unwrap();
        self.send_body(connection, api, version, body)
    }

    fn send_body(&mut self, connection: u64, api: Api, version: i16, body: Bytes) -> Vec<Came> {
        let effects = self.bench.send_body(
            ConnectionId(connection),
            "client",
            (api.key(), version),
            body,
        );
        came(effects, api, version)
    }
}

/// Effects of requests of one API and version, read.
fn came(effects: Effects, api: Api, version: i16) -> Vec<Came> {
    let shape = Shape::response(api.key(), version).unwrap();
    let read = |body: &Bytes| shape.decode(body).unwrap().to_json();
    let came = effects.0.into_iter().map(|effect| match effect {
        Effect::Reply {
            connection,
            mut response,
        } => {
            let mut body = RopeMut::default();
            response.encode(version, &mut body).unwrap();
            Came::Answer(connection.0, read(&body.freeze().to_bytes()))
        }
        Effect::Encoded { connection, body } => Came::Answer(connection.0, read(&body)),
        Effect::Nothing { connection } => Came::Nothing(connection.0),
        Effect::Close { connection, .. } => Came::Closed(connection.0),
    });
    came.collect()
}
