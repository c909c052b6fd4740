//! DescribeUserScramCredentials (key 50), v0.
//!
//! Oracle: no users, or null, means all; each user who is named has one row, in the order of a table of
//! Java's. Passwords for PLAIN are no credentials.

use std::collections::BTreeMap;

use crate::engine::authorizer::Operation;
use crate::engine::context::{Answer, ReadContext};
use crate::engine::java::hash_map::sort_by_name;
use crate::engine::sasl::{Scram, Users};
use crate::wire::error::ErrorCode;
use crate::wire::messages::describe_user_scram_credentials_response::{
    CredentialInfo, DescribeUserScramCredentialsResult,
};
use crate::wire::messages::{
    DescribeUserScramCredentialsRequest, DescribeUserScramCredentialsResponse, str_bytes,
};

/// Answers at once.
pub(crate) fn handle(
    cx: ReadContext<'_>,
    request: DescribeUserScramCredentialsRequest,
) -> Answer<DescribeUserScramCredentialsResponse> {
    if let Err(code) = cx.access().cluster(Operation::Describe) {
        let asked = request.users.unwrap_or_default();
        let result = DescribeUserScramCredentialsResult::default()
            .with_error_code(code.code())
            .with_error_message(None);
        let response = DescribeUserScramCredentialsResponse::default()
            .with_error_code(code.code())
            .with_error_message(None);
        return Answer::Reply(response.with_results(vec![result; asked.len()]));
    }
    let users = &cx.state.sasl.users;
    let asked = request.users.unwrap_or_default();
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    let mut rows: Vec<&str> = Vec::new();
    for user in &asked {
        let count = counts.entry(&user.name).or_default();
        *count = count.saturating_add(1);
        if *count == 1 {
            rows.push(&user.name);
        }
    }
    if asked.is_empty() {
        rows.extend(users.with_credentials());
    }
    sort_by_name(&mut rows, |name| name);
    let results = rows.into_iter().map(|name| match counts.get(name) {
        None | Some(1) => described(users, name),
        Some(_) => failed(
            name,
            ErrorCode::DuplicateResource,
            "Cannot describe SCRAM credentials for the same user twice in a single request: ",
        ),
    });
    let response = DescribeUserScramCredentialsResponse::default();
    Answer::Reply(response.with_results(results.collect()))
}

fn described(users: &Users, name: &str) -> DescribeUserScramCredentialsResult {
    let known = Scram::ALL.into_iter().filter_map(|hash| {
        let credential = users.credential(hash, name)?;
        let info = CredentialInfo::default()
            .with_mechanism(hash.number())
            .with_iterations(credential.iterations);
        Some(info)
    });
    let known: Vec<_> = known.collect();
    if known.is_empty() {
        let why = "Attempt to describe a user credential that does not exist: ";
        return failed(name, ErrorCode::ResourceNotFound, why);
    }
    row(name).with_credential_infos(known)
}

fn row(name: &str) -> DescribeUserScramCredentialsResult {
    let name = str_bytes(name);
    DescribeUserScramCredentialsResult::default().with_user(name)
}

fn failed(name: &str, code: ErrorCode, why: &str) -> DescribeUserScramCredentialsResult {
    let why = str_bytes(format!("{why}{name}"));
    row(name)
        .with_error_code(code.code())
        .with_error_message(Some(why))
}
