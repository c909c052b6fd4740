//! Logging in by SCRAM-SHA-256 and SCRAM-SHA-512.

use anyhow::Result;
use serde_json::json;

use crate::case::{Area, cases};
use crate::context::{Conn, Context};
use crate::profile::Profile;
use crate::sasl::{Hash, Scram, Way};

const A: Conn = Context::A;

pub(super) fn area() -> Area {
    let area = Area::new("sasl_scram").on(Profile::Sasl);
    let area = FIRSTS
        .iter()
        .fold(area, |area, row| area.with(row.0, row, first));
    let area = LASTS
        .iter()
        .fold(area, |area, row| area.with(row.0, row, last));
    area.versions("sha_256", 0..=2, |cx, version| {
        logs_in(cx, Hash::Sha256, Way::Requests(version))
    })
    .versions("sha_512", 0..=2, |cx, version| {
        logs_in(cx, Hash::Sha512, Way::Requests(version))
    })
    .case("sha_256_bare", |cx| logs_in(cx, Hash::Sha256, Way::Bare))
    .case("sha_512_bare", |cx| logs_in(cx, Hash::Sha512, Way::Bare))
    .case("wrong_password", |cx| wrong_password(cx, Hash::Sha256))
    .case("wrong_password_512", |cx| wrong_password(cx, Hash::Sha512))
    .cases(cases![by_the_other_hash, one_nonce_each])
}

fn metadata(cx: &mut Context, conn: Conn) -> Result<()> {
    cx.call_on(conn, "Metadata", 1, json!({"topics": []}))?;
    Ok(())
}

fn hide_tokens(cx: &mut Context) {
    cx.labels.hidden = vec!["authBytes"];
}

fn logs_in(cx: &mut Context, hash: Hash, way: Way) -> Result<()> {
    hide_tokens(cx);
    cx.shake_hands(A, hash.mechanism(), way)?;
    let mut scram = Scram::new(hash, "alice", "alice-secret");
    scram.begin(cx, A, way)?;
    scram.prove(cx, A, way)?;
    metadata(cx, A)
}

fn wrong_password(cx: &mut Context, hash: Hash) -> Result<()> {
    hide_tokens(cx);
    for way in [Way::Requests(1), Way::Bare] {
        let conn = cx.connect(1)?;
        cx.shake_hands(conn, hash.mechanism(), way)?;
        let mut scram = Scram::new(hash, "alice", "bob-secret");
        scram.begin(cx, conn, way)?;
        scram.prove(cx, conn, way)?;
        if way != Way::Bare {
            cx.expect_closed(conn)?;
        }
    }
    Ok(())
}

/// The client does another hash than it said.
fn by_the_other_hash(cx: &mut Context) -> Result<()> {
    hide_tokens(cx);
    let way = Way::Requests(1);
    cx.shake_hands(A, "SCRAM-SHA-512", way)?;
    let mut scram = Scram::new(Hash::Sha256, "alice", "alice-secret");
    scram.begin(cx, A, way)?;
    scram.prove(cx, A, way)?;
    cx.expect_closed(A)
}

fn one_nonce_each(cx: &mut Context) -> Result<()> {
    hide_tokens(cx);
    let way = Way::Requests(1);
    let mut nonces = Vec::new();
    for _ in 0..2 {
        let conn = cx.connect(1)?;
        let mut scram = Scram::new(Hash::Sha256, "alice", "alice-secret");
        cx.quietly(|cx| {
            cx.shake_hands(conn, "SCRAM-SHA-256", way)?;
            scram.begin(cx, conn, way)
        })?;
        nonces.push(scram.nonce);
    }
    nonces.dedup();
    cx.note(&format!("{} nonces", nonces.len()));
    Ok(())
}

/// Name, first message.
type First = (&'static str, &'static [u8]);

/// What a client may begin with, in order or not.
const FIRSTS: &[First] = &[
    ("first_empty", b""),
    ("first_of_plain", b"\0alice\0alice-secret"),
    ("first_with_channel_binding", b"p=tls-unique,,n=alice,r=x"),
    ("first_that_could_bind", b"y,,n=alice,r=x"),
    ("first_without_header", b"n=alice,r=x"),
    ("first_without_nonce", b"n,,n=alice"),
    ("first_with_an_empty_nonce", b"n,,n=alice,r="),
    ("first_with_a_blank_in_its_nonce", b"n,,n=alice,r=x y"),
    ("first_with_an_empty_name", b"n,,n=,r=x"),
    ("first_with_a_wrong_escape", b"n,,n=al=2cice,r=x"),
    ("first_not_ascii", b"n,,n=alic\xc3\xa9,r=x"),
    ("first_not_utf_8", b"n,,n=alic\xe9,r=x"),
    ("first_with_a_comma_at_its_end", b"n,,n=alice,r=x,"),
    (
        "first_with_an_extension_without_value",
        b"n,,n=alice,r=x,a=",
    ),
    (
        "first_with_a_number_for_an_extension",
        b"n,,n=alice,r=x,1=2",
    ),
    ("first_of_an_unknown_user", b"n,,n=carol,r=x"),
    ("first_in_another_case", b"n,,n=Alice,r=x"),
    ("first_by_a_token", b"n,,n=alice,r=x,tokenauth=true"),
    (
        "first_by_a_token_in_capitals",
        b"n,,n=alice,r=x,tokenauth=TRUE",
    ),
    ("first_acts_as_another", b"n,a=bob,n=alice,r=x"),
    ("first_acts_as_nobody", b"n,a=,n=alice,r=x"),
    (
        "first_of_an_unknown_user_acts_as_another",
        b"n,a=bob,n=carol,r=x",
    ),
    (
        "first_with_an_empty_mandatory_extension",
        b"n,,m=,n=alice,r=x",
    ),
];

fn first(cx: &mut Context, (_, token): &First) -> Result<()> {
    hide_tokens(cx);
    let shown = token.escape_ascii().to_string();
    for way in [Way::Requests(1), Way::Bare] {
        let conn = cx.connect(1)?;
        cx.shake_hands(conn, "SCRAM-SHA-256", way)?;
        cx.send_token(conn, way, (&shown, token))?;
        if way != Way::Bare {
            cx.expect_closed(conn)?;
        }
    }
    Ok(())
}

/// Name, and what becomes of an exchange that were in order.
type Last = (&'static str, fn(&mut Scram), Proof);

#[derive(Clone, Copy)]
enum Proof {
    Right,
    Wrong,
    Short,
    Empty,
    Long,
}

/// What a client may do otherwise than usual.
const LASTS: &[Last] = &[
    ("proof_wrong", |_| {}, Proof::Wrong),
    ("proof_too_short", |_| {}, Proof::Short),
    ("proof_empty", |_| {}, Proof::Empty),
    ("proof_too_long", |_| {}, Proof::Long),
    (
        "acts_as_itself",
        |scram| scram.gs2_header = "n,a=alice,".to_owned(),
        Proof::Right,
    ),
    (
        "other_channel_binding",
        |scram| scram.channel_binding = "eSws".to_owned(),
        Proof::Right,
    ),
    (
        "no_channel_binding",
        |scram| scram.channel_binding = String::new(),
        Proof::Right,
    ),
    (
        "channel_binding_no_base64",
        |scram| scram.channel_binding = "biw".to_owned(),
        Proof::Right,
    ),
    ("other_nonce", |scram| scram.nonce.push('x'), Proof::Right),
    (
        "nonce_of_the_client_alone",
        |scram| scram.nonce = "client-nonce".to_owned(),
        Proof::Right,
    ),
    (
        "extension_that_is_not_signed",
        |scram| scram.extensions = ",ext=1".to_owned(),
        Proof::Right,
    ),
    (
        "extension_without_value",
        |scram| scram.extensions = ",ext".to_owned(),
        Proof::Right,
    ),
    (
        "extension_that_is_signed",
        |scram| {
            scram.first.push_str(",ext=a=b");
            scram.signed_first.clone_from(&scram.first);
        },
        Proof::Right,
    ),
    (
        "extensions_that_are_signed",
        |scram| {
            scram.first.push_str(",b=1,a=2,b=3");
            scram.signed_first.push_str(",a=2,b=3");
        },
        Proof::Right,
    ),
    (
        "not_by_a_token",
        |scram| {
            scram.first.push_str(",tokenauth=false");
            scram.signed_first.clone_from(&scram.first);
        },
        Proof::Right,
    ),
    (
        "mandatory_extension_that_is_not_signed",
        |scram| scram.first = format!("m=x,{}", scram.first),
        Proof::Right,
    ),
    (
        "mandatory_extension_that_is_signed",
        |scram| {
            scram.first = format!("m=x,{}", scram.first);
            scram.signed_first.clone_from(&scram.first);
        },
        Proof::Right,
    ),
];

fn last(cx: &mut Context, (_, change, proof): &Last) -> Result<()> {
    hide_tokens(cx);
    let way = Way::Requests(1);
    cx.shake_hands(A, "SCRAM-SHA-256", way)?;
    let mut scram = Scram::new(Hash::Sha256, "alice", "alice-secret");
    let before = scram.nonce.clone();
    change(&mut scram);
    let nonce = scram.nonce.clone();
    let changed = nonce != before;
    scram.begin(cx, A, way)?;
    if changed {
        // What is said of the nonce is about the one to come.
        scram.nonce = if nonce == "x" {
            format!("{}x", scram.nonce)
        } else {
            nonce
        };
    }
    let done = scram.prove_with(cx, A, way, |mut right| {
        match proof {
            Proof::Right => {}
            Proof::Wrong => right.iter_mut().take(1).for_each(|byte| *byte ^= 1),
            Proof::Short => right.truncate(31),
            Proof::Empty => right.clear(),
            Proof::Long => right.push(0),
        }
        right
    })?;
    if done {
        return metadata(cx, A);
    }
    if !matches!(proof, Proof::Short | Proof::Empty | Proof::Long) {
        cx.expect_closed(A)?;
    }
    Ok(())
}
