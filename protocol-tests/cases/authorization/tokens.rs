//! Delegation tokens (KIP-48, KIP-373): their lives, who may see and renew them, and who logs in with them.

use anyhow::{Context as _, Result};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use serde_json::{Value, json};

use super::Stage;
use super::stage::{acl, add as add_acl, new_client};
use crate::case::{Area, cases};
use crate::codec::bytes::unhex;
use crate::context::{Conn, Context};
use crate::sasl::{Hash, Scram, Way};

pub(super) fn add(area: Area) -> Area {
    area.cases_at(1..=3, cases![token_created, token_described])
        .cases_at(1..=2, cases![token_renewed, token_expired])
        .cases(cases![
            token_lifetimes,
            token_for_somebody_else,
            token_of_a_renewer_who_is_no_user,
            tokens_of_others,
            tokens_of_named_owners,
            token_log_in,
            token_log_in_with_a_wrong_secret,
            token_log_in_with_an_unknown_one,
            token_log_in_without_saying_so,
            token_log_in_after_its_end,
        ])
}

const DELEGATION_TOKEN: i8 = 6;
const USER: i8 = 7;
const DESCRIBE: i8 = 8;
const CREATE_TOKENS: i8 = 13;
const DESCRIBE_TOKENS: i8 = 14;
const LITERAL: i8 = 3;

/// A token that was made.
struct Token {
    id: String,
    /// As requests have it.
    hmac: Value,
    issued: i64,
}

/// Times are shown as they are to each other.
fn quiet_times(cx: &mut Context) {
    let fields = [
        "hmac",
        "expiryTimestampMs",
        "maxTimestampMs",
        "expiryTimestamp",
        "maxTimestamp",
    ];
    cx.labels.hidden.extend(fields);
}

fn name_of(principal: &str) -> &str {
    principal.trim_start_matches("User:")
}

fn create(
    cx: &mut Context,
    (client, version): (Conn, i16),
    renewers: &[&str],
    lifetime: i64,
) -> Result<Token> {
    let renewers: Vec<Value> = renewers
        .iter()
        .map(|principal| json!({"principalType": "User", "principalName": name_of(principal)}))
        .collect();
    let body = json!({"renewers": renewers, "maxLifetimeMs": lifetime});
    let made = made_by(cx, client, version, body)?;
    made.context("a token that is refused")
}

/// Asks for a token, and says how long it is good for.
fn made_by(cx: &mut Context, client: Conn, version: i16, body: Value) -> Result<Option<Token>> {
    // The answer shows the id.
    let before = cx.labels.hidden.len();
    cx.labels.hidden.push("tokenId");
    let answer = cx.call_on(client, "CreateDelegationToken", version, body);
    cx.labels.hidden.truncate(before);
    let answer = answer?;
    let millis = |field: &str| answer[field].as_i64().unwrap_or_default();
    let issued = millis("issueTimestampMs");
    if answer["errorCode"] != 0 {
        return Ok(None);
    }
    let (expires, ends) = (millis("expiryTimestampMs"), millis("maxTimestampMs"));
    cx.note(&format!(
        "good for {} ms, to be renewed for {} ms",
        expires - issued,
        ends - issued
    ));
    let id = answer["tokenId"].as_str().context("an id")?.to_owned();
    cx.labels.text(&id, "<token>");
    Ok(Some(Token {
        id,
        hmac: answer["hmac"].clone(),
        issued,
    }))
}

fn described(cx: &mut Context, client: Conn, version: i16, owners: Value) -> Result<()> {
    cx.call_on(
        client,
        "DescribeDelegationToken",
        version,
        json!({"owners": owners}),
    )?;
    Ok(())
}

fn token_created(cx: &mut Context, version: i16) -> Result<()> {
    quiet_times(cx);
    let stage = Stage::set(cx)?;
    create(cx, (stage.client, version), &[], -1)?;
    create(
        cx,
        (stage.client, version),
        &["User:nobody", "User:none"],
        60_000,
    )?;
    Ok(())
}

fn token_described(cx: &mut Context, version: i16) -> Result<()> {
    quiet_times(cx);
    let stage = Stage::set(cx)?;
    described(cx, stage.client, version, Value::Null)?;
    let token = create(cx, (stage.client, 3), &["User:nobody"], -1)?;
    await_token(cx, stage.client, &token)?;
    described(cx, stage.client, version, Value::Null)?;
    let (bob, _) = new_client(cx, "bob")?;
    described(cx, bob, version, Value::Null)
}

/// Waits until brokers know of no token.
fn await_no_token(cx: &mut Context, conn: Conn) -> Result<()> {
    cx.until("no token", |cx| {
        let answer = cx.call_on(conn, "DescribeDelegationToken", 3, json!({"owners": null}))?;
        Ok(answer["tokens"] == json!([]))
    })
}

/// Waits until the broker has heard of a token.
fn await_token(cx: &mut Context, client: Conn, token: &Token) -> Result<()> {
    cx.until("the token", |cx| {
        let answer = cx.call_on(
            client,
            "DescribeDelegationToken",
            3,
            json!({"owners": null}),
        )?;
        let tokens = answer["tokens"].as_array().context("tokens")?;
        Ok(tokens.iter().any(|known| known["tokenId"] == *token.id))
    })
}

fn token_lifetimes(cx: &mut Context) -> Result<()> {
    quiet_times(cx);
    let stage = Stage::set(cx)?;
    for lifetime in [0, -5, 1, 3_600_000, 604_800_000, 604_800_001, i64::MAX] {
        create(cx, (stage.client, 3), &[], lifetime)?;
    }
    Ok(())
}

/// Renews or expires a token, and says for how long it is good then, in hours.
fn put_off(
    cx: &mut Context,
    client: Conn,
    (api, version): (&str, i16),
    token: &Token,
    period: i64,
) -> Result<()> {
    let field = if api.starts_with("Renew") {
        "renewPeriodMs"
    } else {
        "expiryTimePeriodMs"
    };
    let answer = cx.call_on(
        client,
        api,
        version,
        json!({"hmac": token.hmac, field: period}),
    )?;
    if answer["errorCode"] == 0 {
        let expires = answer["expiryTimestampMs"].as_i64().unwrap_or_default();
        let hours = (expires - token.issued + 1_800_000) / 3_600_000;
        cx.note(&format!("good until {hours} hours after it was issued"));
    }
    Ok(())
}

fn token_renewed(cx: &mut Context, version: i16) -> Result<()> {
    quiet_times(cx);
    let stage = Stage::set(cx)?;
    let (bob, renewer) = new_client(cx, "bob")?;
    let (carol, _) = new_client(cx, "carol")?;
    let token = create(cx, (stage.client, 3), &[&renewer], -1)?;
    await_token(cx, stage.client, &token)?;
    let renew = ("RenewDelegationToken", version);
    put_off(cx, stage.client, renew, &token, 7_200_000)?;
    put_off(cx, bob, renew, &token, -1)?;
    put_off(cx, bob, renew, &token, i64::MAX)?;
    put_off(cx, carol, renew, &token, -1)?;
    let unknown = Token {
        hmac: json!("00"),
        ..token
    };
    put_off(cx, stage.client, renew, &unknown, -1)
}

fn token_expired(cx: &mut Context, version: i16) -> Result<()> {
    quiet_times(cx);
    let stage = Stage::set(cx)?;
    let (bob, renewer) = new_client(cx, "bob")?;
    let (carol, _) = new_client(cx, "carol")?;
    let token = create(cx, (stage.client, 3), &[&renewer], -1)?;
    await_token(cx, stage.client, &token)?;
    let expire = ("ExpireDelegationToken", version);
    put_off(cx, carol, expire, &token, -1)?;
    put_off(cx, stage.client, expire, &token, 7_200_000)?;
    put_off(cx, bob, expire, &token, i64::MAX)?;
    put_off(cx, bob, expire, &token, -1)?;
    await_no_token(cx, stage.client)?;
    put_off(cx, stage.client, expire, &token, -1)
}

fn token_for_somebody_else(cx: &mut Context) -> Result<()> {
    quiet_times(cx);
    let stage = Stage::set(cx)?;
    let (bob, asking) = new_client(cx, "bob")?;
    let body = json!({"ownerPrincipalType": "User", "ownerPrincipalName": name_of(&stage.principal),
        "renewers": [], "maxLifetimeMs": -1});
    made_by(cx, bob, 3, body.clone())?;
    add_acl(
        cx,
        &acl(&asking, (USER, &stage.principal, LITERAL), CREATE_TOKENS),
    )?;
    let token = made_by(cx, bob, 3, body)?.context("a token")?;
    await_token(cx, bob, &token)?;
    for client in [bob, stage.client] {
        described(cx, client, 3, Value::Null)?;
    }
    put_off(cx, bob, ("RenewDelegationToken", 2), &token, -1)?;
    put_off(cx, bob, ("ExpireDelegationToken", 2), &token, -1)
}

fn token_of_a_renewer_who_is_no_user(cx: &mut Context) -> Result<()> {
    quiet_times(cx);
    let stage = Stage::set(cx)?;
    let renewers = json!([{"principalType": "Group", "principalName": "all"}]);
    made_by(
        cx,
        stage.client,
        3,
        json!({"renewers": renewers, "maxLifetimeMs": -1}),
    )?;
    Ok(())
}

fn tokens_of_others(cx: &mut Context) -> Result<()> {
    quiet_times(cx);
    let stage = Stage::set(cx)?;
    let (bob, looking) = new_client(cx, "bob")?;
    let token = create(cx, (stage.client, 3), &[], -1)?;
    await_token(cx, stage.client, &token)?;
    described(cx, bob, 3, Value::Null)?;
    add_acl(
        cx,
        &acl(&looking, (DELEGATION_TOKEN, &token.id, LITERAL), DESCRIBE),
    )?;
    described(cx, bob, 3, Value::Null)?;
    let (carol, looking) = new_client(cx, "carol")?;
    described(cx, carol, 3, Value::Null)?;
    add_acl(
        cx,
        &acl(&looking, (USER, &stage.principal, LITERAL), DESCRIBE_TOKENS),
    )?;
    described(cx, carol, 3, Value::Null)
}

fn tokens_of_named_owners(cx: &mut Context) -> Result<()> {
    quiet_times(cx);
    let stage = Stage::set(cx)?;
    let (bob, other) = new_client(cx, "bob")?;
    let token = create(cx, (stage.client, 3), &[&other], -1)?;
    await_token(cx, stage.client, &token)?;
    let named =
        |principal: &str| json!([{"principalType": "User", "principalName": name_of(principal)}]);
    for client in [stage.client, bob] {
        described(cx, client, 3, named(&stage.principal))?;
        described(cx, client, 3, named(&other))?;
        described(cx, client, 3, named("User:nobody"))?;
        described(cx, client, 3, json!([]))?;
    }
    Ok(())
}

/// Somebody who is about to log in with a token's id and a password.
fn of_token(id: &str, password: &str) -> Scram {
    let mut scram = Scram::new(Hash::Sha256, id, password);
    scram.first += ",tokenauth=true";
    scram.signed_first.clone_from(&scram.first);
    scram
}

fn secret(token: &Token) -> Result<String> {
    let hmac = unhex(token.hmac.as_str().context("an HMAC")?)?;
    Ok(BASE64_STANDARD.encode(hmac))
}

/// A token of the client's, and a new connection that has shaken hands.
fn about_to_log_in(cx: &mut Context, stage: &Stage) -> Result<(Token, Conn)> {
    quiet_times(cx);
    cx.labels.hidden.extend(["authBytes", "sessionLifetimeMs"]);
    let token = create(cx, (stage.client, 3), &[], -1)?;
    await_token(cx, stage.client, &token)?;
    let conn = cx.connect(1)?;
    cx.shake_hands(conn, Hash::Sha256.mechanism(), Way::Requests(1))?;
    Ok((token, conn))
}

fn token_log_in(cx: &mut Context) -> Result<()> {
    let stage = Stage::set(cx)?;
    let (token, conn) = about_to_log_in(cx, &stage)?;
    let mut scram = of_token(&token.id, &secret(&token)?);
    let way = Way::Requests(1);
    scram.begin(cx, conn, way)?;
    scram.prove(cx, conn, way)?;
    // It is the owner, who may not ask for further tokens.
    let topics = json!([{"name": stage.topic}]);
    let body = json!({"topics": topics, "allowAutoTopicCreation": false});
    cx.call_on(conn, "Metadata", 9, body.clone())?;
    add_acl(
        cx,
        &acl(&stage.principal, (2, &stage.topic, LITERAL), DESCRIBE),
    )?;
    cx.call_on(conn, "Metadata", 9, body)?;
    made_by(cx, conn, 3, json!({"renewers": [], "maxLifetimeMs": -1}))?;
    put_off(cx, conn, ("RenewDelegationToken", 2), &token, -1)?;
    described(cx, conn, 3, Value::Null)
}

fn token_log_in_with_a_wrong_secret(cx: &mut Context) -> Result<()> {
    let stage = Stage::set(cx)?;
    let (token, conn) = about_to_log_in(cx, &stage)?;
    let mut scram = of_token(&token.id, "secret");
    scram.begin(cx, conn, Way::Requests(1))?;
    scram.prove(cx, conn, Way::Requests(1))?;
    Ok(())
}

fn token_log_in_with_an_unknown_one(cx: &mut Context) -> Result<()> {
    let stage = Stage::set(cx)?;
    let (_, conn) = about_to_log_in(cx, &stage)?;
    of_token("unknown", "secret").begin(cx, conn, Way::Requests(1))?;
    Ok(())
}

fn token_log_in_without_saying_so(cx: &mut Context) -> Result<()> {
    let stage = Stage::set(cx)?;
    let (token, conn) = about_to_log_in(cx, &stage)?;
    let mut scram = Scram::new(Hash::Sha256, &token.id, &secret(&token)?);
    scram.begin(cx, conn, Way::Requests(1))?;
    Ok(())
}

fn token_log_in_after_its_end(cx: &mut Context) -> Result<()> {
    let stage = Stage::set(cx)?;
    let (token, conn) = about_to_log_in(cx, &stage)?;
    put_off(cx, stage.client, ("ExpireDelegationToken", 2), &token, -1)?;
    await_no_token(cx, stage.client)?;
    of_token(&token.id, &secret(&token)?).begin(cx, conn, Way::Requests(1))?;
    Ok(())
}
