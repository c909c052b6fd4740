//! SaslAuthenticate (key 36), v0–v2.
//!
//! Oracle: a client that has authenticated, or need not, gets ILLEGAL_SASL_STATE. Anyone who fails to hears
//! so after `connection.failed.authentication.delay.ms`, and is closed. v1 says how long the session lasts
//! (KIP-368).

use crate::engine::context::{Answer, Context};
use crate::engine::sasl::Authenticated;
use crate::wire::error::ErrorCode;
use crate::wire::messages::{SaslAuthenticateRequest, SaslAuthenticateResponse, str_bytes};

/// Answers at once, or refuses.
#[expect(clippy::needless_pass_by_value, reason = "all handlers have one shape")]
pub(crate) fn handle(
    cx: &mut Context<'_>,
    request: SaslAuthenticateRequest,
) -> Answer<SaslAuthenticateResponse> {
    let (now, call) = (cx.now, cx.call);
    match cx.state.authenticate(now, call, &request.auth_bytes) {
        None => {
            let message = "SaslAuthenticate request received after successful authentication";
            Answer::Reply(failed(ErrorCode::IllegalSaslState, message))
        }
        Some(Authenticated::Goes { token, lifetime_ms }) => Answer::Reply(
            SaslAuthenticateResponse::default()
                .with_auth_bytes(token.into())
                .with_session_lifetime_ms(lifetime_ms),
        ),
        Some(Authenticated::Refused(why)) => {
            let response = failed(ErrorCode::SaslAuthenticationFailed, &why);
            Answer::Refuse(response, why)
        }
        Some(Authenticated::Broken(why)) => Answer::Close(why),
    }
}

fn failed(code: ErrorCode, message: &str) -> SaslAuthenticateResponse {
    SaslAuthenticateResponse::default()
        .with_error_code(code.code())
        .with_error_message(Some(str_bytes(message)))
}
