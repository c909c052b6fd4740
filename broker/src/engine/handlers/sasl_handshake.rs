//! SaslHandshake (key 17), v0–v1.
//!
//! Oracle: what is offered is listed whether or not the client asks for it; anyone who asks for something
//! else is closed. From v1 on tokens come in SaslAuthenticate (KIP-152). A listener without SASL, or a
//! client that need not authenticate now, gets ILLEGAL_SASL_STATE, and the connection goes on as it was.

use crate::engine::context::{Answer, Context};
use crate::engine::outbox::Notice;
use crate::engine::sasl::Shaken;
use crate::wire::error::ErrorCode;
use crate::wire::messages::{SaslHandshakeRequest, SaslHandshakeResponse, StrBytes};

/// What the journal and the log say to that, since the answer does not.
const NOBODY_LOGS_IN: &str = "nobody logs in here: set security.protocol=PLAINTEXT, or start the cluster with users \
                              (--sasl USER:PASSWORD)";

/// Answers at once, or refuses.
#[expect(clippy::needless_pass_by_value, reason = "all handlers have one shape")]
pub(crate) fn handle(
    cx: &mut Context<'_>,
    request: SaslHandshakeRequest,
) -> Answer<SaslHandshakeResponse> {
    let offered = cx.read_only().listener().mechanisms().iter();
    let offered = offered.map(|mechanism| StrBytes::from_static_str(mechanism.name()));
    let listed = SaslHandshakeResponse::default().with_mechanisms(offered.collect());
    let why = || format!("Unsupported SASL mechanism {}", &*request.mechanism);
    let connection = cx.call.connection;
    let offered = cx.state.listeners.of(connection).mechanisms();
    let (sasl, name) = (&mut cx.state.sasl, &request.mechanism);
    match sasl.shake_hands(cx.call, name, offered) {
        Shaken::Hands => Answer::Reply(listed),
        Shaken::Unsupported => {
            let code = ErrorCode::UnsupportedSaslMechanism.code();
            Answer::Refuse(listed.with_error_code(code), why())
        }
        Shaken::Broken => Answer::Close(why()),
        Shaken::NotNow => {
            if !cx.read_only().listener().protocol.logs_in() {
                let why = NOBODY_LOGS_IN.to_owned();
                let notice = Notice::LoginRefused { connection, why };
                cx.state.outbox.push(notice);
            }
            let code = ErrorCode::IllegalSaslState.code();
            Answer::Reply(SaslHandshakeResponse::default().with_error_code(code))
        }
    }
}
