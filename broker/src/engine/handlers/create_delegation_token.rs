//! CreateDelegationToken (key 38), v1–v3 (KIP-48, KIP-373).
//!
//! Oracle: who has not logged in may not ask; then a renewer who is no user is INVALID_PRINCIPAL_TYPE,
//! and only then it is said that there are no tokens. These two are answered by the broker and the
//! controller, who put different numbers where there is no time. An owner has a type if it has a name.

use crate::engine::context::{Answer, ReadContext};
use crate::wire::error::ErrorCode;
use crate::wire::messages::{
    CreateDelegationTokenRequest, CreateDelegationTokenResponse, CreatedDelegationToken, StrBytes,
    str_bytes,
};

/// The type of principals who are users.
const USER: &str = "User";

/// Who has not logged in.
const ANONYMOUS: &str = "ANONYMOUS";

/// Where the broker itself refuses.
const NO_TIME: i64 = -1;

/// Answers at once.
pub(crate) fn handle(
    cx: ReadContext<'_>,
    request: CreateDelegationTokenRequest,
) -> Answer<CreateDelegationTokenResponse> {
    let principal = cx.state.sasl.principal(cx.call.connection);
    let (kind, name) = principal.split_once(':').unwrap_or((USER, principal));
    let requester = (str_bytes(kind), str_bytes(name));
    let owner = match (request.owner_principal_type, request.owner_principal_name) {
        (Some(kind), Some(name)) if !name.is_empty() => (kind, name),
        // A principal without a type is an exception there, whose answer speaks of nobody.
        (None, Some(name)) if !name.is_empty() => {
            let nobody = (str_bytes(USER), str_bytes(ANONYMOUS));
            let failed = ErrorCode::UnknownServerError;
            return Answer::Reply(refused(failed, nobody.clone(), nobody, NO_TIME));
        }
        _ => requester.clone(),
    };
    let is_user = |kind: &StrBytes| kind.as_str() == USER;
    let mut renewers = request.renewers.iter();
    let (code, time) = if may_ask(cx).is_err() {
        (ErrorCode::DelegationTokenRequestNotAllowed, NO_TIME)
    } else if !renewers.all(|renewer| is_user(&renewer.principal_type)) {
        (ErrorCode::InvalidPrincipalType, NO_TIME)
    } else {
        (ErrorCode::DelegationTokenAuthDisabled, 0)
    };
    Answer::Reply(refused(code, owner, requester, time))
}

/// Whether a client may speak of tokens: only those who have logged in.
pub(super) fn may_ask(cx: ReadContext<'_>) -> Result<(), ErrorCode> {
    if cx.listener().protocol.logs_in() {
        Ok(())
    } else {
        Err(ErrorCode::DelegationTokenRequestNotAllowed)
    }
}

type Principal = (StrBytes, StrBytes);

fn refused(
    code: ErrorCode,
    owner: Principal,
    requester: Principal,
    time: i64,
) -> CreateDelegationTokenResponse {
    let response = CreatedDelegationToken::default()
        .with_error_code(code.code())
        .with_principal_type(owner.0)
        .with_principal_name(owner.1)
        .with_token_requester_principal_type(requester.0)
        .with_token_requester_principal_name(requester.1)
        .with_issue_timestamp_ms(time)
        .with_expiry_timestamp_ms(time)
        .with_max_timestamp_ms(time);
    CreateDelegationTokenResponse(Box::new(response))
}
