//! Logging in by PLAIN.

use anyhow::Result;
use serde_json::json;

use crate::case::{Area, cases};
use crate::context::{Conn, Context};
use crate::profile::Profile;
use crate::sasl::Way;

const A: Conn = Context::A;

pub(super) fn area() -> Area {
    let area = Area::new("sasl_plain").on(Profile::Sasl);
    let area = TOKENS
        .iter()
        .fold(area, |area, row| area.with(row.0, row, token));
    area.cases_at(0..=2, cases![in_requests])
        .cases(cases![bare, bare_token_in_pieces])
}

fn in_requests(cx: &mut Context, version: i16) -> Result<()> {
    let way = Way::Requests(version);
    cx.shake_hands(A, "PLAIN", way)?;
    cx.send_token(A, way, ("", b"\0alice\0alice-secret"))?;
    metadata(cx)
}

fn bare(cx: &mut Context) -> Result<()> {
    cx.shake_hands(A, "PLAIN", Way::Bare)?;
    said(cx, A, b"\0bob\0bob-secret")?;
    metadata(cx)
}

fn said(cx: &mut Context, conn: Conn, token: &[u8]) -> Result<()> {
    let shown = token.escape_ascii().to_string();
    let answer = cx.send_token(conn, Way::Bare, (&shown, token))?;
    if let Some(token) = &answer {
        cx.note(&format!("the broker's token of {} bytes", token.len()));
    }
    Ok(())
}

fn bare_token_in_pieces(cx: &mut Context) -> Result<()> {
    cx.shake_hands(A, "PLAIN", Way::Bare)?;
    cx.send_bytes(A, "half a token", b"\0\0\0\x13\0alice")?;
    cx.send_bytes(A, "the rest of it", b"\0alice-secret")?;
    cx.receive_frame(A)?;
    metadata(cx)
}

fn metadata(cx: &mut Context) -> Result<()> {
    cx.call("Metadata", 1, json!({"topics": []}))?;
    Ok(())
}

/// Name, token.
type Token = (&'static str, &'static [u8]);

const TOKENS: &[Token] = &[
    ("acts_as_itself", b"alice\0alice\0alice-secret"),
    ("acts_as_another", b"bob\0alice\0alice-secret"),
    (
        "acts_as_another_with_a_wrong_password",
        b"bob\0alice\0wrong",
    ),
    ("wrong_password", b"\0alice\0wrong"),
    ("longer_password", b"\0alice\0alice-secret-"),
    ("shorter_password", b"\0alice\0alice-secre"),
    ("password_of_another", b"\0alice\0bob-secret"),
    ("unknown_user", b"\0carol\0alice-secret"),
    ("user_in_another_case", b"\0Alice\0alice-secret"),
    ("no_user", b"\0\0alice-secret"),
    ("no_password", b"\0alice\0"),
    ("nothing", b""),
    ("two_parts", b"alice\0alice-secret"),
    ("four_parts", b"\0alice\0alice-secret\0"),
    ("five_parts", b"\0alice\0alice-secret\0\0"),
    ("not_utf_8", b"\0alice\0\xff"),
    ("not_utf_8_elsewhere", b"\xff\0alice\0alice-secret"),
];

fn token(cx: &mut Context, (_, token): &Token) -> Result<()> {
    let way = Way::Requests(1);
    cx.shake_hands(A, "PLAIN", way)?;
    let shown = token.escape_ascii().to_string();
    cx.note(&shown);
    match cx.send_token(A, way, ("", token))? {
        Some(_) => metadata(cx)?,
        None => cx.expect_closed(A)?,
    }
    let conn = cx.connect(1)?;
    cx.shake_hands(conn, "PLAIN", Way::Bare)?;
    said(cx, conn, token)
}
