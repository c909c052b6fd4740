//! GetTelemetrySubscriptions (key 71), v0 (KIP-714).
//!
//! Not advertised, since no metrics reporter takes what clients push, and answered all the same, as
//! the oracle does: with a subscription to nothing. A client that asks too soon is throttled.

use crate::engine::context::{Answer, Context};
use crate::engine::telemetry::{BYTES_MAX, PUSH_INTERVAL, subscription_of};
use crate::wire::messages::{GetTelemetrySubscriptionsRequest, GetTelemetrySubscriptionsResponse};

/// zstd, lz4, gzip and snappy, the best first.
const CODECS: [i8; 4] = [4, 3, 1, 2];

/// Answers at once.
#[expect(clippy::needless_pass_by_value, reason = "all handlers have one shape")]
pub(crate) fn handle(
    cx: &mut Context<'_>,
    request: GetTelemetrySubscriptionsRequest,
) -> Answer<GetTelemetrySubscriptionsResponse> {
    let id = match request.client_instance_id {
        none if none.is_nil() => cx.state.rng.next_uuid(),
        given => given,
    };
    let response = GetTelemetrySubscriptionsResponse::default();
    if let Err(code) = cx.state.telemetry.ask(id, cx.now) {
        let response = response.with_error_code(code.code());
        return Answer::Reply(response.with_delta_temporality(true));
    }
    let interval = i32::try_from(PUSH_INTERVAL.as_millis()).unwrap_or(i32::MAX);
    let response = response
        .with_client_instance_id(id)
        .with_subscription_id(subscription_of(id))
        .with_accepted_compression_types(CODECS.to_vec())
        .with_push_interval_ms(interval)
        .with_telemetry_max_bytes(i32::try_from(BYTES_MAX).unwrap_or(i32::MAX))
        .with_delta_temporality(true);
    Answer::Reply(response)
}
