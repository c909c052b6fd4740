//! PushTelemetry (key 72), v0 (KIP-714). Not advertised, see GetTelemetrySubscriptions; what is
//! pushed is checked and dropped.

use crate::engine::context::{Answer, Context};
use crate::engine::telemetry::BYTES_MAX;
use crate::wire::compression::{Codec, decompress};
use crate::wire::error::ErrorCode;
use crate::wire::messages::{PushTelemetryRequest, PushTelemetryResponse};

/// Ids up to this one are reserved.
const LAST_RESERVED: u128 = 1;

/// Answers at once.
#[expect(clippy::needless_pass_by_value, reason = "all handlers have one shape")]
pub(crate) fn handle(
    cx: &mut Context<'_>,
    request: PushTelemetryRequest,
) -> Answer<PushTelemetryResponse> {
    let code = check(cx, &request).err().unwrap_or(ErrorCode::None);
    Answer::Reply(PushTelemetryResponse::default().with_error_code(code.code()))
}

fn check(cx: &mut Context<'_>, request: &PushTelemetryRequest) -> Result<(), ErrorCode> {
    let id = request.client_instance_id;
    if id.as_u128() <= LAST_RESERVED {
        return Err(ErrorCode::InvalidRequest);
    }
    let telemetry = &mut cx.state.telemetry;
    telemetry.push(id, request.subscription_id, request.terminating, cx.now)?;
    let Some(codec) = Codec::from_id(request.compression_type.into()) else {
        telemetry.must_ask(id);
        return Err(ErrorCode::UnsupportedCompressionType);
    };
    if request.metrics.len() > BYTES_MAX {
        return Err(ErrorCode::TelemetryTooLarge);
    }
    let is_sound = request.metrics.is_empty() || decompress(codec, &request.metrics).is_ok();
    is_sound.then_some(()).ok_or(ErrorCode::InvalidRecord)
}
