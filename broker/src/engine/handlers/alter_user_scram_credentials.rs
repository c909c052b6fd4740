//! AlterUserScramCredentials (key 51), v0.
//!
//! Oracle: each user may be named once, whatever the mechanism; of those named twice nothing is done.
//! What is done comes first in the answer, deletions before the rest, each in the order of a table of
//! Java's. Who is connected stays so.

use std::collections::{BTreeMap, BTreeSet};

use crate::engine::authorizer::Operation;
use crate::engine::context::{Answer, Context};
use crate::engine::java::hash_map::sort_by_name;
use crate::engine::sasl::{Scram, ScramCredential, Users};
use crate::wire::error::ErrorCode;
use crate::wire::messages::alter_user_scram_credentials_request::{
    ScramCredentialDeletion, ScramCredentialUpsertion,
};
use crate::wire::messages::alter_user_scram_credentials_response::AlterUserScramCredentialsResult;
use crate::wire::messages::{
    AlterUserScramCredentialsRequest, AlterUserScramCredentialsResponse, StrBytes,
};

/// What is wrong with what is asked for one user.
type Fault = (ErrorCode, Option<&'static str>);

const TWICE: Fault = (
    ErrorCode::DuplicateResource,
    Some("A user credential cannot be altered twice in the same request"),
);

/// Something for each user, with its place in the request.
type ByUser<T> = BTreeMap<StrBytes, (usize, T)>;

/// What is to be done.
#[derive(Default)]
struct Plan {
    rows: usize,
    deletions: ByUser<Scram>,
    upsertions: ByUser<(Scram, ScramCredentialUpsertion)>,
    faults: ByUser<Fault>,
}

/// Answers at once.
pub(crate) fn handle(
    cx: &mut Context<'_>,
    request: AlterUserScramCredentialsRequest,
) -> Answer<AlterUserScramCredentialsResponse> {
    if let Err(error) = cx.access().cluster_or_ends(Operation::Alter) {
        let deleted = request.deletions.iter().map(|asked| &asked.name);
        let upserted = request.upsertions.iter().map(|asked| &asked.name);
        let names: BTreeSet<_> = deleted.chain(upserted).collect();
        let results = names.into_iter().map(|name| {
            AlterUserScramCredentialsResult::default()
                .with_user(name.clone())
                .with_error_code(error.code.code())
                .with_error_message(error.wire_message())
        });
        let response = AlterUserScramCredentialsResponse::default();
        return Answer::Reply(response.with_results(results.collect()));
    }
    let users = &mut cx.state.sasl.users;
    let mut plan = Plan::default();
    for deletion in request.deletions {
        plan.delete(users, deletion);
    }
    for upsertion in request.upsertions {
        plan.upsert(upsertion);
    }
    let response = AlterUserScramCredentialsResponse::default();
    Answer::Reply(response.with_results(plan.done(users)))
}

impl Plan {
    fn delete(&mut self, users: &Users, deletion: ScramCredentialDeletion) {
        let name = deletion.name;
        if self.faults.contains_key(&name) {
            return;
        }
        let asked = if self.deletions.remove(&name).is_some() {
            Err(TWICE)
        } else {
            checked(&name, deletion.mechanism).and_then(|hash| {
                let why = "Attempt to delete a user credential that does not exist";
                let missing = (ErrorCode::ResourceNotFound, Some(why));
                users.credential(hash, &name).map(|_| hash).ok_or(missing)
            })
        };
        let place = self.next_place();
        match asked {
            Ok(hash) => drop(self.deletions.insert(name, (place, hash))),
            Err(fault) => drop(self.faults.insert(name, (place, fault))),
        }
    }

    fn upsert(&mut self, upsertion: ScramCredentialUpsertion) {
        let name = upsertion.name.clone();
        if self.faults.contains_key(&name) {
            return;
        }
        let had = self.deletions.remove(&name).is_some();
        let asked = if had || self.upsertions.remove(&name).is_some() {
            Err(TWICE)
        } else {
            checked(&name, upsertion.mechanism)
                .and_then(|hash| within_bounds(upsertion.iterations).map(|()| hash))
        };
        let place = self.next_place();
        match asked {
            Ok(hash) => drop(self.upsertions.insert(name, (place, (hash, upsertion)))),
            Err(fault) => drop(self.faults.insert(name, (place, fault))),
        }
    }

    const fn next_place(&mut self) -> usize {
        self.rows = self.rows.saturating_add(1);
        self.rows
    }

    /// Does it, and says how it went.
    fn done(mut self, users: &mut Users) -> Vec<AlterUserScramCredentialsResult> {
        let mut results = Vec::new();
        for (name, hash) in in_order(std::mem::take(&mut self.deletions)) {
            users.delete(hash, &name);
            results.push(result(name));
        }
        for (name, (hash, upsertion)) in in_order(std::mem::take(&mut self.upsertions)) {
            let salt = upsertion.salt.to_vec();
            let password = &upsertion.salted_password;
            match ScramCredential::of_salted(hash, password, salt, upsertion.iterations) {
                Some(credential) => {
                    users.upsert(hash, &name, credential);
                    results.push(result(name));
                }
                None => {
                    let fault = (ErrorCode::UnknownServerError, None);
                    let place = self.next_place();
                    self.faults.insert(name, (place, fault));
                }
            }
        }
        let faults = in_order(self.faults).into_iter();
        results.extend(faults.map(|(name, (code, why))| {
            result(name)
                .with_error_code(code.code())
                .with_error_message(why.map(StrBytes::from_static_str))
        }));
        results
    }
}

/// As a table of Java's has them, to which they were added in the request's order.
fn in_order<T>(asked: ByUser<T>) -> Vec<(StrBytes, T)> {
    let mut rows: Vec<_> = asked.into_iter().collect();
    rows.sort_by_key(|(_, (place, _))| *place);
    sort_by_name(&mut rows, |(name, _)| name);
    rows.into_iter()
        .map(|(name, (_, what))| (name, what))
        .collect()
}

fn within_bounds(iterations: i32) -> Result<(), Fault> {
    let unacceptable = |why| Err((ErrorCode::UnacceptableCredential, Some(why)));
    if iterations < Scram::ITERATIONS_MIN {
        return unacceptable("Too few iterations");
    }
    if iterations > Scram::ITERATIONS_MAX {
        return unacceptable("Too many iterations");
    }
    Ok(())
}

/// The mechanism, if the user and it can be.
fn checked(name: &str, mechanism: i8) -> Result<Scram, Fault> {
    if name.is_empty() {
        let why = "Username must not be empty";
        return Err((ErrorCode::UnacceptableCredential, Some(why)));
    }
    let unknown = (
        ErrorCode::UnsupportedSaslMechanism,
        Some("Unknown SCRAM mechanism"),
    );
    Scram::from_number(mechanism).ok_or(unknown)
}

fn result(name: StrBytes) -> AlterUserScramCredentialsResult {
    AlterUserScramCredentialsResult::default()
        .with_user(name)
        .with_error_message(None)
}
