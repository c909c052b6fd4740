//! Logging in by OAUTHBEARER, with tokens that nobody has signed: the exchange, token by token (RFC 7628, KIP-255). What makes
//! tokens valid is in `fixtures/oauth`.

use anyhow::Result;
use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use crate::case::{Area, cases};
use crate::context::{Conn, Context};
use crate::profile::{BEARER, Profile};
use crate::sasl::Way;

const FRAMED: Way = Way::Requests(1);
/// The year 2100, and 1970.
const LATER: i64 = 4_102_444_800;
const LONG_AGO: i64 = 1000;
/// By what a client says that it has heard of its failure.
const HEARD: &[u8] = b"\x01";

pub(super) fn area() -> Area {
    let area = Area::new("sasl_bearer").on(Profile::Bearer);
    REFUSED
        .iter()
        .fold(area, |area, row| area.with(row.0, row, refused))
        .cases_for(["PLAIN", "SCRAM-SHA-256", "oauthbearer"], cases![offered])
        .cases_at(0..=2, cases![lets_in])
        .cases(cases![
            lets_in_by_bare_tokens,
            refuses_bare_tokens,
            acts_as_itself,
            acts_as_another,
            extensions,
            another_token_after_a_refusal,
            something_else_after_a_refusal,
            again_as_the_same,
            again_as_another,
            again_with_an_expired_token,
        ])
}

/// What is wrong, and what a client sends.
type Wrong = (&'static str, fn() -> Vec<u8>);

const REFUSED: &[Wrong] = &[
    ("refused_without_scope", || {
        first(&token(r#"{"sub":"alice","exp":4102444800}"#))
    }),
    ("refused_when_expired", || {
        first(&token(r#"{"sub":"alice","scope":"read","exp":1000}"#))
    }),
    ("refused_without_end", || {
        first(&token(r#"{"sub":"alice","scope":"read"}"#))
    }),
    ("refused_without_name", || {
        first(&token(r#"{"scope":"read","exp":4102444800}"#))
    }),
    ("refused_from_tomorrow", || {
        first(&token(
            r#"{"sub":"alice","scope":"read","iat":4102444000,"exp":4102444800}"#,
        ))
    }),
    ("refused_when_signed", || {
        let header = part(r#"{"alg":"RS256"}"#);
        first(&format!("{header}.{}.c2lnbmVk", part(r#"{"sub":"alice"}"#)))
    }),
    ("refused_as_no_token", || first("abc")),
    ("refused_by_another_scheme", || {
        b"n,,\x01auth=Basic abc\x01\x01".to_vec()
    }),
    ("refused_without_auth", || {
        b"n,,\x01other=abc\x01\x01".to_vec()
    }),
    ("refused_without_header", || {
        b"\x01auth=Bearer abc\x01\x01".to_vec()
    }),
    ("refused_with_channel_binding", || {
        b"y,,\x01auth=Bearer abc\x01\x01".to_vec()
    }),
    ("refused_when_empty", Vec::new),
    ("refused_as_no_text", || vec![0xff, 0xfe, 0xfd]),
    ("refused_as_heard_at_once", || HEARD.to_vec()),
];

fn part(text: &str) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(text)
}

/// A token that nobody has signed.
fn token(claims: &str) -> String {
    format!("{}.{}.", part(r#"{"alg":"none"}"#), part(claims))
}

fn of(name: &str, expires: i64) -> String {
    token(&format!(
        r#"{{"sub":"{name}","scope":"read","exp":{expires}}}"#
    ))
}

/// A client's first message.
fn first(token: &str) -> Vec<u8> {
    format!("n,,\x01auth=Bearer {token}\x01\x01").into_bytes()
}

/// A connection by which clients log in. How long sessions last depends on when they begin.
fn connect(cx: &mut Context) -> Result<Conn> {
    cx.labels.hidden.push("sessionLifetimeMs");
    cx.connect_by(1, BEARER)
}

fn begin(cx: &mut Context, way: Way) -> Result<Conn> {
    let conn = connect(cx)?;
    cx.shake_hands(conn, "OAUTHBEARER", way)?;
    Ok(conn)
}

fn send(cx: &mut Context, conn: Conn, way: Way, sent: &[u8]) -> Result<bool> {
    let shown = sent.escape_ascii().to_string();
    Ok(cx.send_token(conn, way, (&shown, sent))?.is_some())
}

fn metadata(cx: &mut Context, conn: Conn) -> Result<Value> {
    cx.call_on(conn, "Metadata", 1, json!({"topics": []}))
}

fn offered(cx: &mut Context, mechanism: &str) -> Result<()> {
    let conn = connect(cx)?;
    cx.shake_hands(conn, mechanism, FRAMED)?;
    cx.expect_closed(conn)
}

fn lets_in(cx: &mut Context, version: i16) -> Result<()> {
    let way = Way::Requests(version);
    let conn = begin(cx, way)?;
    send(cx, conn, way, &first(&of("alice", LATER)))?;
    metadata(cx, conn)?;
    Ok(())
}

fn lets_in_by_bare_tokens(cx: &mut Context) -> Result<()> {
    let conn = begin(cx, Way::Bare)?;
    send(cx, conn, Way::Bare, &first(&of("alice", LATER)))?;
    metadata(cx, conn)?;
    Ok(())
}

fn refuses_bare_tokens(cx: &mut Context) -> Result<()> {
    let conn = begin(cx, Way::Bare)?;
    if send(cx, conn, Way::Bare, &first(&of("alice", LONG_AGO)))? {
        cx.send_frame(conn, "heard", HEARD)?;
    }
    cx.expect_closed(conn)
}

/// A client that is told why says that it has heard so, and is told once more.
fn refused(cx: &mut Context, row: &Wrong) -> Result<()> {
    let conn = begin(cx, FRAMED)?;
    if send(cx, conn, FRAMED, &row.1())? {
        send(cx, conn, FRAMED, HEARD)?;
    }
    cx.expect_closed(conn)
}

fn acting_as(cx: &mut Context, name: &str) -> Result<bool> {
    let conn = begin(cx, FRAMED)?;
    let token = of("alice", LATER);
    let sent = format!("n,a={name},\x01auth=Bearer {token}\x01\x01");
    let goes = send(cx, conn, FRAMED, sent.as_bytes())?;
    if goes {
        metadata(cx, conn)?;
    } else {
        cx.expect_closed(conn)?;
    }
    Ok(goes)
}

fn acts_as_itself(cx: &mut Context) -> Result<()> {
    acting_as(cx, "alice").map(drop)
}

fn acts_as_another(cx: &mut Context) -> Result<()> {
    acting_as(cx, "bob").map(drop)
}

fn extensions(cx: &mut Context) -> Result<()> {
    let conn = begin(cx, FRAMED)?;
    let token = of("alice", LATER);
    let sent = format!("n,,\x01auth=Bearer {token}\x01logicalCluster=lkc-1\x01pool=p\x01\x01");
    send(cx, conn, FRAMED, sent.as_bytes())?;
    metadata(cx, conn)?;
    Ok(())
}

fn another_token_after_a_refusal(cx: &mut Context) -> Result<()> {
    let conn = begin(cx, FRAMED)?;
    send(cx, conn, FRAMED, &first(&of("alice", LONG_AGO)))?;
    send(cx, conn, FRAMED, &first(&of("alice", LATER)))?;
    metadata(cx, conn)?;
    Ok(())
}

fn something_else_after_a_refusal(cx: &mut Context) -> Result<()> {
    let conn = begin(cx, FRAMED)?;
    send(cx, conn, FRAMED, &first(&of("alice", LONG_AGO)))?;
    send(cx, conn, FRAMED, b"abc")?;
    cx.expect_closed(conn)
}

/// A connection that has logged in, and is about to do so again.
fn logged_in(cx: &mut Context) -> Result<Conn> {
    let conn = begin(cx, FRAMED)?;
    send(cx, conn, FRAMED, &first(&of("alice", LATER)))?;
    cx.shake_hands(conn, "OAUTHBEARER", FRAMED)?;
    Ok(conn)
}

fn again_as_the_same(cx: &mut Context) -> Result<()> {
    let conn = logged_in(cx)?;
    send(cx, conn, FRAMED, &first(&of("alice", LATER)))?;
    metadata(cx, conn)?;
    Ok(())
}

fn again_as_another(cx: &mut Context) -> Result<()> {
    let conn = logged_in(cx)?;
    send(cx, conn, FRAMED, &first(&of("bob", LATER)))?;
    cx.expect_closed(conn)
}

fn again_with_an_expired_token(cx: &mut Context) -> Result<()> {
    let conn = logged_in(cx)?;
    send(cx, conn, FRAMED, &first(&of("alice", LONG_AGO)))?;
    send(cx, conn, FRAMED, HEARD)?;
    cx.expect_closed(conn)
}
