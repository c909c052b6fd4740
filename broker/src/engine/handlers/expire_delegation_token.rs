//! ExpireDelegationToken (key 40), v1–v2 (KIP-48).
//!
//! Oracle: who has not logged in may not ask; for everybody else there are no tokens, without a secret
//! to sign them.

use super::renew_delegation_token::refusal;
use crate::engine::context::{Answer, ReadContext};
use crate::wire::messages::{ExpireDelegationTokenRequest, ExpireDelegationTokenResponse};

/// Answers at once.
pub(crate) fn handle(
    cx: ReadContext<'_>,
    _: ExpireDelegationTokenRequest,
) -> Answer<ExpireDelegationTokenResponse> {
    let (code, time) = refusal(cx);
    let response = ExpireDelegationTokenResponse::default()
        .with_error_code(code)
        .with_expiry_timestamp_ms(time);
    Answer::Reply(response)
}
