//! RenewDelegationToken (key 39), v1–v2 (KIP-48).
//!
//! Oracle: who has not logged in may not ask; for everybody else there are no tokens, without a secret
//! to sign them.

use super::create_delegation_token::may_ask;
use crate::engine::context::{Answer, ReadContext};
use crate::wire::error::ErrorCode;
use crate::wire::messages::{RenewDelegationTokenRequest, RenewDelegationTokenResponse};

/// Answers at once.
pub(crate) fn handle(
    cx: ReadContext<'_>,
    _: RenewDelegationTokenRequest,
) -> Answer<RenewDelegationTokenResponse> {
    let (code, time) = refusal(cx);
    let response = RenewDelegationTokenResponse::default()
        .with_error_code(code)
        .with_expiry_timestamp_ms(time);
    Answer::Reply(response)
}

/// What is said of every token: that the client may not ask, with no time, or that there are none.
pub(super) fn refusal(cx: ReadContext<'_>) -> (i16, i64) {
    match may_ask(cx) {
        Err(code) => (code.code(), -1),
        Ok(()) => (ErrorCode::DelegationTokenAuthDisabled.code(), 0),
    }
}
