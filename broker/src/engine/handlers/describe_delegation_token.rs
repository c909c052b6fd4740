//! DescribeDelegationToken (key 41), v1–v3 (KIP-48, KIP-373).
//!
//! Oracle: who has not logged in may not ask; for everybody else there are no tokens, whoever's are
//! asked for.

use super::renew_delegation_token::refusal;
use crate::engine::context::{Answer, ReadContext};
use crate::wire::messages::{DescribeDelegationTokenRequest, DescribeDelegationTokenResponse};

/// Answers at once.
pub(crate) fn handle(
    cx: ReadContext<'_>,
    _: DescribeDelegationTokenRequest,
) -> Answer<DescribeDelegationTokenResponse> {
    let (code, _) = refusal(cx);
    Answer::Reply(DescribeDelegationTokenResponse::default().with_error_code(code))
}
