//! CreateDelegationToken (key 38), v1–v3 (KIP-48, KIP-373).
//!
//! Oracle: who has not logged in, or has by a token, may not ask; a token for somebody else takes CREATE_TOKENS on that
//! user; then a renewer who is no user is INVALID_PRINCIPAL_TYPE, and only then it is said that there are no tokens. The
//! broker and the controller answer by turns, and put different numbers where there is no time. An owner has a type if
//! it has a name.

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;

use crate::engine::authorizer::{Operation, ResourceType};
use crate::engine::context::{Answer, Context, ReadContext};
use crate::engine::delegation::{DelegationToken, Lifetimes};
use crate::engine::listeners::Protocol;
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
    cx: &mut Context<'_>,
    request: CreateDelegationTokenRequest,
) -> Answer<CreateDelegationTokenResponse> {
    let principal = cx.state.sasl.principal(cx.call.connection).to_string();
    let requester = parts(&principal);
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
    let owned_by = format!("{}:{}", &*owner.0, &*owner.1);
    let is_user = |kind: &StrBytes| kind.as_str() == USER;
    let mut kinds = request.renewers.iter();
    let (code, time) = if may_ask(cx.read_only()).is_err() {
        (ErrorCode::DelegationTokenRequestNotAllowed, NO_TIME)
    } else if owner != requester && !may_create_for(cx, &owned_by) {
        (ErrorCode::DelegationTokenAuthorizationFailed, NO_TIME)
    } else if !kinds.all(|renewer| is_user(&renewer.principal_type)) {
        (ErrorCode::InvalidPrincipalType, NO_TIME)
    } else if cx.state.tokens.is_enabled() {
        let id = cx.state.rng.next_uuid();
        let id = BASE64_URL_SAFE_NO_PAD.encode(id.as_bytes());
        let renewers = request.renewers.iter();
        let renewers =
            renewers.map(|known| format!("{}:{}", &*known.principal_type, &*known.principal_name));
        let who = (owned_by, principal, renewers.collect());
        let lifetimes = lifetimes(cx.read_only());
        let tokens = &mut cx.state.tokens;
        let asked = request.max_lifetime_ms;
        let token = tokens.create(cx.now, id, who, asked, lifetimes).clone();
        let hmac = tokens.hmac(&token.id);
        return Answer::Reply(created(&token, (owner, requester), hmac));
    } else {
        (ErrorCode::DelegationTokenAuthDisabled, 0)
    };
    Answer::Reply(refused(code, owner, requester, time))
}

/// A principal's type and name.
pub(super) fn parts(principal: &str) -> Principal {
    let (kind, name) = principal.split_once(':').unwrap_or((USER, principal));
    (str_bytes(kind), str_bytes(name))
}

/// Whether a client may speak of tokens: only those who have said who they are, and not by a token.
pub(super) fn may_ask(cx: ReadContext<'_>) -> Result<(), ErrorCode> {
    let sasl = &cx.state.sasl;
    let is_known = match cx.listener().protocol {
        Protocol::Plaintext => false,
        Protocol::Ssl => !sasl.is_anonymous(cx.call.connection),
        Protocol::SaslPlaintext | Protocol::SaslSsl => true,
    };
    if is_known && !sasl.is_by_token(cx.call.connection) {
        Ok(())
    } else {
        Err(ErrorCode::DelegationTokenRequestNotAllowed)
    }
}

/// How long tokens are good for.
pub(super) fn lifetimes(cx: ReadContext<'_>) -> Lifetimes {
    let config = cx.state.broker_config(cx.state.cluster.controller());
    Lifetimes {
        longest: config.token_max_lifetime,
        renewal: config.token_expiry_time,
    }
}

fn may_create_for(cx: &Context<'_>, owner: &str) -> bool {
    let access = cx.access();
    access.allows(Operation::CreateTokens, ResourceType::User, owner)
}

type Principal = (StrBytes, StrBytes);

fn created(
    token: &DelegationToken,
    (owner, requester): (Principal, Principal),
    hmac: Vec<u8>,
) -> CreateDelegationTokenResponse {
    let response = CreatedDelegationToken::default()
        .with_principal_type(owner.0)
        .with_principal_name(owner.1)
        .with_token_requester_principal_type(requester.0)
        .with_token_requester_principal_name(requester.1)
        .with_issue_timestamp_ms(token.issued.0)
        .with_expiry_timestamp_ms(token.expires.0)
        .with_max_timestamp_ms(token.ends.0)
        .with_token_id(str_bytes(token.id.clone()))
        .with_hmac(hmac.into());
    CreateDelegationTokenResponse(Box::new(response))
}

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
