//! Logging in again on the same connection (KIP-368).

use anyhow::Result;
use serde_json::{Value, json};
use std::time::Duration;

use crate::case::{Area, cases};
use crate::context::{Conn, Context};
use crate::profile::{Profile, USERS};
use crate::sasl::{Hash, Scram, Way, plain_token};

const A: Conn = Context::A;
const FRAMED: Way = Way::Requests(1);
/// Long after the sessions of `Profile::SaslExpiring` have ended.
const EXPIRED: Duration = Duration::from_millis(50);

pub(super) fn area() -> Area {
    let expiring = Profile::SaslExpiring;
    Area::new("sasl_sessions")
        .on(Profile::SaslSessions)
        .cases_at(0..=2, cases![lifetime])
        .cases(cases![
            lifetime_by_scram,
            again,
            again_by_bare_tokens,
            again_as_another,
            again_as_another_by_scram,
            again_with_a_wrong_password,
            again_by_scram_with_a_wrong_password,
            again_by_another_mechanism,
            again_by_an_unsupported_mechanism,
            again_with_a_request_between,
            again_with_api_versions_between,
            authenticate_without_handshake,
        ])
        .cases_on(
            expiring,
            cases![
                expired,
                expired_api_versions,
                expired_authenticate,
                expired_and_again,
                expired_and_again_and_expired,
            ],
        )
}

fn metadata(cx: &mut Context) -> Result<()> {
    cx.call("Metadata", 1, json!({"topics": []}))?;
    Ok(())
}

fn plain(cx: &mut Context, way: Way, (name, password): (&str, &str)) -> Result<bool> {
    cx.shake_hands(A, "PLAIN", way)?;
    let token = plain_token(name, password);
    let shown = token.escape_ascii().to_string();
    Ok(cx.send_token(A, way, (&shown, &token))?.is_some())
}

fn scram(cx: &mut Context, password: &str) -> Result<bool> {
    cx.labels.hidden = vec!["authBytes"];
    cx.shake_hands(A, "SCRAM-SHA-256", FRAMED)?;
    let mut scram = Scram::new(Hash::Sha256, "alice", password);
    Ok(scram.begin(cx, A, FRAMED)? && scram.prove(cx, A, FRAMED)?)
}

fn lifetime(cx: &mut Context, version: i16) -> Result<()> {
    plain(cx, Way::Requests(version), USERS[0])?;
    metadata(cx)
}

fn lifetime_by_scram(cx: &mut Context) -> Result<()> {
    scram(cx, "alice-secret")?;
    metadata(cx)
}

fn again(cx: &mut Context) -> Result<()> {
    plain(cx, FRAMED, USERS[0])?;
    metadata(cx)?;
    plain(cx, FRAMED, USERS[0])?;
    metadata(cx)
}

fn again_by_bare_tokens(cx: &mut Context) -> Result<()> {
    plain(cx, FRAMED, USERS[0])?;
    plain(cx, Way::Bare, USERS[0])?;
    metadata(cx)
}

fn again_as_another(cx: &mut Context) -> Result<()> {
    plain(cx, FRAMED, USERS[0])?;
    plain(cx, FRAMED, USERS[1])?;
    cx.expect_closed(A)
}

fn again_as_another_by_scram(cx: &mut Context) -> Result<()> {
    cx.labels.hidden = vec!["authBytes"];
    scram(cx, "alice-secret")?;
    cx.shake_hands(A, "SCRAM-SHA-256", FRAMED)?;
    let mut scram = Scram::new(Hash::Sha256, "bob", "bob-secret");
    scram.begin(cx, A, FRAMED)?;
    scram.prove(cx, A, FRAMED)?;
    cx.expect_closed(A)
}

fn again_with_a_wrong_password(cx: &mut Context) -> Result<()> {
    plain(cx, FRAMED, USERS[0])?;
    plain(cx, FRAMED, ("alice", "wrong"))?;
    cx.expect_closed(A)
}

fn again_by_scram_with_a_wrong_password(cx: &mut Context) -> Result<()> {
    scram(cx, "alice-secret")?;
    scram(cx, "wrong")?;
    cx.expect_closed(A)
}

fn again_by_another_mechanism(cx: &mut Context) -> Result<()> {
    plain(cx, FRAMED, USERS[0])?;
    cx.shake_hands(A, "SCRAM-SHA-256", FRAMED)?;
    metadata(cx)
}

fn again_by_an_unsupported_mechanism(cx: &mut Context) -> Result<()> {
    plain(cx, FRAMED, USERS[0])?;
    cx.shake_hands(A, "GSSAPI", FRAMED)?;
    cx.expect_closed(A)
}

fn again_with_a_request_between(cx: &mut Context) -> Result<()> {
    plain(cx, FRAMED, USERS[0])?;
    cx.shake_hands(A, "PLAIN", FRAMED)?;
    metadata(cx)?;
    cx.expect_closed(A)
}

fn again_with_api_versions_between(cx: &mut Context) -> Result<()> {
    plain(cx, FRAMED, USERS[0])?;
    cx.shake_hands(A, "PLAIN", FRAMED)?;
    cx.call("ApiVersions", 3, software())?;
    cx.expect_closed(A)
}

fn software() -> Value {
    json!({"clientSoftwareName": "protocol-tests", "clientSoftwareVersion": "1"})
}

fn authenticate_without_handshake(cx: &mut Context) -> Result<()> {
    plain(cx, FRAMED, USERS[0])?;
    cx.call("SaslAuthenticate", 1, json!({"authBytes": "0x00610062"}))?;
    metadata(cx)
}

fn expire(cx: &mut Context) -> Result<()> {
    plain(cx, FRAMED, USERS[0])?;
    cx.expect_silence(A, EXPIRED)
}

fn expired(cx: &mut Context) -> Result<()> {
    expire(cx)?;
    metadata(cx)
}

fn expired_api_versions(cx: &mut Context) -> Result<()> {
    expire(cx)?;
    cx.call("ApiVersions", 3, software())?;
    Ok(())
}

fn expired_authenticate(cx: &mut Context) -> Result<()> {
    expire(cx)?;
    cx.call("SaslAuthenticate", 1, json!({"authBytes": "0x00610062"}))?;
    Ok(())
}

fn expired_and_again(cx: &mut Context) -> Result<()> {
    expire(cx)?;
    plain(cx, FRAMED, USERS[0])?;
    Ok(())
}

fn expired_and_again_and_expired(cx: &mut Context) -> Result<()> {
    expire(cx)?;
    expire(cx)?;
    metadata(cx)
}
