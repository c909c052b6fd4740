//! DescribeDelegationToken (key 41), v1–v3 (KIP-48, KIP-373).
//!
//! Oracle: who has not logged in, or has by a token, may not ask. A client sees the tokens that it owns, asked for or may
//! renew, those that it may DESCRIBE, and those of users whose tokens it may see (DESCRIBE_TOKENS); of named owners only
//! theirs. An empty list of owners stands for nobody.

use super::create_delegation_token::{may_ask, parts};
use crate::engine::authorizer::{Operation, ResourceType};
use crate::engine::context::{Answer, ReadContext};
use crate::engine::delegation::DelegationToken;
use crate::engine::java::{hash, hash_map};
use crate::wire::error::ErrorCode;
use crate::wire::messages::describe_delegation_token_response::{
    DescribedDelegationToken, DescribedDelegationTokenRenewer,
};
use crate::wire::messages::{
    DescribeDelegationTokenRequest, DescribeDelegationTokenResponse, str_bytes,
};

/// Answers at once.
#[expect(clippy::needless_pass_by_value, reason = "all handlers have one shape")]
pub(crate) fn handle(
    cx: ReadContext<'_>,
    request: DescribeDelegationTokenRequest,
) -> Answer<DescribeDelegationTokenResponse> {
    let response = DescribeDelegationTokenResponse::default();
    if let Err(code) = may_describe(cx) {
        return Answer::Reply(response.with_error_code(code.code()));
    }
    let owners = request.owners.as_ref().map(|owners| {
        let owners = owners.iter();
        let owners =
            owners.map(|owner| format!("{}:{}", &*owner.principal_type, &*owner.principal_name));
        owners.collect::<Vec<String>>()
    });
    let is_meant = |token: &&DelegationToken| {
        let of_anyone = |owners: &Vec<String>| owners.iter().any(|owner| token.is_of(owner));
        owners.as_ref().is_none_or(of_anyone)
    };
    let tokens = cx.state.tokens.iter().filter(is_meant);
    let mut tokens: Vec<_> = tokens.filter(|token| may_see(cx, token)).collect();
    hash_map::sort_concurrent(&mut tokens, |token| hash::of_str(&token.id));
    let tokens = tokens.into_iter().map(|token| described(cx, token));
    Answer::Reply(response.with_tokens(tokens.collect()))
}

fn may_describe(cx: ReadContext<'_>) -> Result<(), ErrorCode> {
    may_ask(cx)?;
    if cx.state.tokens.is_enabled() {
        Ok(())
    } else {
        Err(ErrorCode::DelegationTokenAuthDisabled)
    }
}

fn may_see(cx: ReadContext<'_>, token: &DelegationToken) -> bool {
    let access = cx.access();
    token.is_of(access.principal)
        || access.allows(
            Operation::Describe,
            ResourceType::DelegationToken,
            &token.id,
        )
        || access.allows(Operation::DescribeTokens, ResourceType::User, &token.owner)
}

fn described(cx: ReadContext<'_>, token: &DelegationToken) -> DescribedDelegationToken {
    let (owner, requester) = (parts(&token.owner), parts(&token.requester));
    let renewers = token.renewers.iter().map(|renewer| {
        let (kind, name) = parts(renewer);
        DescribedDelegationTokenRenewer::default()
            .with_principal_type(kind)
            .with_principal_name(name)
    });
    DescribedDelegationToken::default()
        .with_principal_type(owner.0)
        .with_principal_name(owner.1)
        .with_token_requester_principal_type(requester.0)
        .with_token_requester_principal_name(requester.1)
        .with_issue_timestamp(token.issued.0)
        .with_expiry_timestamp(token.expires.0)
        .with_max_timestamp(token.ends.0)
        .with_token_id(str_bytes(token.id.clone()))
        .with_hmac(cx.state.tokens.hmac(&token.id).into())
        .with_renewers(renewers.collect())
}
