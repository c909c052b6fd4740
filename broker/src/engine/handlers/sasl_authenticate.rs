//! SaslAuthenticate (key 36), v0–v2.
//!
//! Oracle: on a listener without SASL everybody counts as authenticated already.

use crate::engine::context::{Answer, Context};
use crate::wire::error::ErrorCode;
use crate::wire::messages::{SaslAuthenticateRequest, SaslAuthenticateResponse, StrBytes};

/// Answers at once.
pub(crate) fn handle(
    _: &mut Context<'_>,
    _: SaslAuthenticateRequest,
) -> Answer<SaslAuthenticateResponse> {
    let message = "SaslAuthenticate request received after successful authentication";
    let response = SaslAuthenticateResponse::default()
        .with_error_code(ErrorCode::IllegalSaslState.code())
        .with_error_message(Some(StrBytes::from_static_str(message)));
    Answer::Reply(response)
}
