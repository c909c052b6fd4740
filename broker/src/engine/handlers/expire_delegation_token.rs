//! ExpireDelegationToken (key 40), v1–v2 (KIP-48).
//!
//! Oracle: who has not logged in, or has by a token, may not ask. Owners and renewers may; a negative time ends a token at
//! once, even one that is over.

use super::renew_delegation_token::{refusal, told};
use crate::engine::context::{Answer, Context};
use crate::wire::messages::{ExpireDelegationTokenRequest, ExpireDelegationTokenResponse};

/// Answers at once.
#[expect(clippy::needless_pass_by_value, reason = "all handlers have one shape")]
pub(crate) fn handle(
    cx: &mut Context<'_>,
    request: ExpireDelegationTokenRequest,
) -> Answer<ExpireDelegationTokenResponse> {
    let expired = match refusal(cx.read_only()) {
        Some(refused) => Err(refused),
        None => {
            let principal = cx.state.sasl.principal(cx.call.connection).clone();
            let token = (&*principal, &*request.hmac);
            let time_ms = request.expiry_time_period_ms;
            let expired = cx.state.tokens.expire(cx.now, token, time_ms);
            expired.map_err(|code| (code, 0))
        }
    };
    let (code, time) = told(expired);
    let response = ExpireDelegationTokenResponse::default()
        .with_error_code(code)
        .with_expiry_timestamp_ms(time);
    Answer::Reply(response)
}
