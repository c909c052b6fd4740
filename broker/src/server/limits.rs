//! What the network side of a broker takes from its configuration.

use std::time::Duration;

use crate::engine::cluster::configs::{StaticConfig, Value};
use crate::engine::quota::Windows;

/// Bounds of connections and requests.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Limits {
    /// `socket.request.max.bytes`
    pub(super) request_bytes: i32,
    /// `connections.max.idle.ms`; none when negative.
    pub(super) idle: Option<Duration>,
    /// What the rate of new connections is measured over.
    pub(super) quota_windows: Windows,
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
        let windows = |name| number(name).and_then(|number| u32::try_from(number).ok());
        Self {
            request_bytes: number("socket.request.max.bytes")
                .and_then(|number| i32::try_from(number).ok())
                .unwrap_or(i32::MAX),
            idle: number("connections.max.idle.ms")
                .and_then(|millis| u64::try_from(millis).ok())
                .map(Duration::from_millis),
            quota_windows: Windows {
                count: windows("quota.window.num").unwrap_or(1),
                length: windows("quota.window.size.seconds")
                    .map_or(Duration::MAX, |seconds| Duration::from_secs(seconds.into())),
            },
        }
    }
}
