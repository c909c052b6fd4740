//! RenewDelegationToken (key 39), v1–v2 (KIP-48).
//!
//! Oracle: who has not logged in, or has by a token, may not ask. Owners and renewers may renew a token that is not over,
//! for as long as the broker allows and no longer than the token can live.

use super::create_delegation_token::{lifetimes, may_ask};
use crate::engine::context::{Answer, Context, ReadContext};
use crate::wire::error::ErrorCode;
use crate::wire::messages::{RenewDelegationTokenRequest, RenewDelegationTokenResponse};
use crate::wire::units::WallMillis;

/// Answers at once.
#[expect(clippy::needless_pass_by_value, reason = "all handlers have one shape")]
pub(crate) fn handle(
    cx: &mut Context<'_>,
    request: RenewDelegationTokenRequest,
) -> Answer<RenewDelegationTokenResponse> {
    let renewed = match refusal(cx.read_only()) {
        Some(refused) => Err(refused),
        None => {
            let principal = cx.state.sasl.principal(cx.call.connection).clone();
            let lifetimes = lifetimes(cx.read_only());
            let token = (&*principal, &*request.hmac);
            let asked = request.renew_period_ms;
            let renewed = cx.state.tokens.renew(cx.now, token, asked, lifetimes);
            renewed.map_err(|code| (code, 0))
        }
    };
    let (code, time) = told(renewed);
    let response = RenewDelegationTokenResponse::default()
        .with_error_code(code)
        .with_expiry_timestamp_ms(time);
    Answer::Reply(response)
}

/// What the broker says itself: that the client may not ask, with no time.
pub(super) fn refusal(cx: ReadContext<'_>) -> Option<(ErrorCode, i64)> {
    may_ask(cx).err().map(|code| (code, -1))
}

/// The code and the time of an answer.
pub(super) fn told(outcome: Result<WallMillis, (ErrorCode, i64)>) -> (i16, i64) {
    match outcome {
        Ok(expires) => (ErrorCode::None.code(), expires.0),
        Err((code, time)) => (code.code(), time),
    }
}
