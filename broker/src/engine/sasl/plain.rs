//! PLAIN (RFC 4616) as Kafka reads it.

use super::outcome::{Failed, Turn};
use super::users::Users;

/// Authorization id, name and password stand between zeros.
const SEPARATOR: char = '\0';

/// The one token of a client, and what becomes of it.
pub(super) fn answer(token: &[u8], users: &Users) -> Result<Turn, Failed> {
    let text = String::from_utf8_lossy(token);
    let parts: Vec<&str> = text.splitn(4, SEPARATOR).collect();
    let &[acts_as, name, password] = parts.as_slice() else {
        let found = parts.len();
        return Err(Failed::said(format!(
            "Invalid SASL/PLAIN response: expected 3 tokens, got {found}"
        )));
    };
    if name.is_empty() {
        return Err(Failed::said(
            "Authentication failed: username not specified",
        ));
    }
    if password.is_empty() {
        return Err(Failed::said(
            "Authentication failed: password not specified",
        ));
    }
    if !users.has_password(name, password) {
        let why = "Authentication failed: Invalid username or password";
        return Err(Failed::said(why));
    }
    if !acts_as.is_empty() && acts_as != name {
        return Err(Failed::said(super::outcome::OTHER_AUTHORIZATION_ID));
    }
    Ok(Turn::Done {
        token: Vec::new(),
        name: name.to_owned(),
        expires: None,
        by_token: false,
    })
}
