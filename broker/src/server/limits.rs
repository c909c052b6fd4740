//! What the network side of a broker takes from its configuration.

use std::time::Duration;

use crate::engine::cluster::configs::{StaticConfig, Value};

/// Bounds of connections and requests.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Limits {
    /// `socket.request.max.bytes`
    pub(super) request_bytes: i32,
    /// `connections.max.idle.ms`; none when negative.
    pub(super) idle: Option<Duration>,
    /// `max.connections`, of each node. Further clients wait to be accepted.
    pub(super) connections: usize,
    /// `max.connections.per.ip`, of each node. Further connections are closed at once.
    pub(super) connections_per_ip: usize,
}

impl Limits {
    pub(crate) fn of(config: &StaticConfig) -> Self {
        let number = |name| match config.value(name) {
            Value::Number(number) => Some(number),
            Value::Null
            | Value::Boolean(_)
            | Value::Double(_)
            | Value::Text(_)
            | Value::List(_) => None,
        };
        let count = |name| {
            number(name)
                .and_then(|number| usize::try_from(number).ok())
                .unwrap_or(usize::MAX)
        };
        Self {
            request_bytes: number("socket.request.max.bytes")
                .and_then(|number| i32::try_from(number).ok())
                .unwrap_or(i32::MAX),
            idle: number("connections.max.idle.ms")
                .and_then(|millis| u64::try_from(millis).ok())
                .map(Duration::from_millis),
            connections: count("max.connections"),
            connections_per_ip: count("max.connections.per.ip"),
        }
    }
}
