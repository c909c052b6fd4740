//! SaslHandshake (key 17), v0–v1.
//!
//! Oracle: a listener without SASL names no mechanism, and the connection goes on as it was.

use crate::engine::context::{Answer, Context};
use crate::wire::error::ErrorCode;
use crate::wire::messages::{SaslHandshakeRequest, SaslHandshakeResponse};

/// Answers at once.
pub(crate) fn handle(
    _: &mut Context<'_>,
    _: SaslHandshakeRequest,
) -> Answer<SaslHandshakeResponse> {
    let code = ErrorCode::IllegalSaslState.code();
    Answer::Reply(SaslHandshakeResponse::default().with_error_code(code))
}
