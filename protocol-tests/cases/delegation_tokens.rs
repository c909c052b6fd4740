//! CreateDelegationToken (key 38), RenewDelegationToken (key 39), ExpireDelegationToken (key 40) and
//! DescribeDelegationToken (key 41) on brokers without a secret for tokens: who may ask, and what comes first.

use anyhow::Result;
use serde_json::{Value, json};

use crate::case::{Area, cases};
use crate::context::{Conn, Context};
use crate::profile::{Profile, USERS};
use crate::sasl::{Hash, Scram, Way};

const A: Conn = Context::A;

/// What a case is run as: nobody on a plain listener, or somebody who has logged in.
type As = Option<(&'static str, &'static str)>;

pub(super) fn area() -> Area {
    let area = versions(Area::new("delegation_tokens"), "", None);
    let area = area.on(Profile::Sasl);
    versions(area, "logged_in_", Some(USERS[0])).cases(cases![
        create_for_others,
        create_odd_renewers,
        create_odd_lifetimes,
        logged_in_by_scram,
        not_logged_in,
    ])
}

/// Asks at a version.
type Ask = fn(&mut Context, i16) -> Result<()>;

/// Every request at every version.
fn versions(area: Area, prefix: &str, who: As) -> Area {
    let requests: [(&str, i16, Ask); 5] = [
        ("create", 3, create),
        ("create_odd", 3, create_odd),
        ("renew", 2, renew),
        ("expire", 2, expire),
        ("describe", 3, describe),
    ];
    requests.into_iter().fold(area, |area, (name, last, run)| {
        (1..=last).fold(area, |area, version| {
            let name = format!("{prefix}{name}_v{version}");
            area.with(&name, (who, run, version), |cx, (who, run, version)| {
                log_in(cx, who)?;
                run(cx, version)
            })
        })
    })
}

fn log_in(cx: &mut Context, who: As) -> Result<()> {
    who.map_or(Ok(()), |who| cx.log_in(A, who))
}

fn of(
    cx: &mut Context,
    version: i16,
    owner: Option<(&str, &str)>,
    renewers: &[(&str, &str)],
    lifetime: i64,
) -> Result<()> {
    let renewers: Vec<Value> = renewers
        .iter()
        .map(|(kind, name)| json!({"principalType": kind, "principalName": name}))
        .collect();
    let mut body = json!({"renewers": renewers, "maxLifetimeMs": lifetime});
    if version > 2 {
        body["ownerPrincipalType"] = json!(owner.map(|(kind, _)| kind));
        body["ownerPrincipalName"] = json!(owner.map(|(_, name)| name));
    }
    cx.call("CreateDelegationToken", version, body)?;
    Ok(())
}

fn create(cx: &mut Context, version: i16) -> Result<()> {
    of(cx, version, None, &[], -1)?;
    of(cx, version, None, &[("User", "bob")], 60_000)
}

fn create_odd(cx: &mut Context, version: i16) -> Result<()> {
    of(cx, version, None, &[("Group", "bob")], i64::MIN)?;
    of(cx, version, None, &[("", "")], 0)
}

fn create_for_others(cx: &mut Context) -> Result<()> {
    log_in(cx, Some(USERS[0]))?;
    for owner in [
        ("User", "alice"),
        ("User", ""),
        ("", "alice"),
        ("Group", "alice"),
        ("Group", ""),
        ("User", "nobody"),
        ("User", "ANONYMOUS"),
    ] {
        of(cx, 3, Some(owner), &[], -1)?;
    }
    let body = json!({"ownerPrincipalType": null, "ownerPrincipalName": "bob", "renewers": [], "maxLifetimeMs": -1});
    cx.call("CreateDelegationToken", 3, body)?;
    let body = json!({"ownerPrincipalType": "User", "ownerPrincipalName": null, "renewers": [], "maxLifetimeMs": -1});
    cx.call("CreateDelegationToken", 3, body)?;
    Ok(())
}

fn create_odd_renewers(cx: &mut Context) -> Result<()> {
    log_in(cx, Some(USERS[0]))?;
    for renewers in [
        &[("User", "")][..],
        &[("user", "bob")],
        &[("User", "bob"), ("User", "bob")],
        &[("User", "bob"), ("Group", "bob")],
        &[("User", "nobody")],
        &[("", "bob")],
    ] {
        of(cx, 3, None, renewers, -1)?;
    }
    Ok(())
}

fn create_odd_lifetimes(cx: &mut Context) -> Result<()> {
    log_in(cx, Some(USERS[0]))?;
    for lifetime in [0, -2, i64::MIN, i64::MAX] {
        of(cx, 3, None, &[], lifetime)?;
    }
    Ok(())
}

const HMACS: [&str; 2] = ["0x00010203", ""];

fn renew(cx: &mut Context, version: i16) -> Result<()> {
    for hmac in HMACS {
        for period in [-1, 0, 60_000, i64::MIN] {
            let body = json!({"hmac": hmac, "renewPeriodMs": period});
            cx.call("RenewDelegationToken", version, body)?;
        }
    }
    Ok(())
}

fn expire(cx: &mut Context, version: i16) -> Result<()> {
    for hmac in HMACS {
        for period in [-1, 0, 60_000, i64::MIN] {
            let body = json!({"hmac": hmac, "expiryTimePeriodMs": period});
            cx.call("ExpireDelegationToken", version, body)?;
        }
    }
    Ok(())
}

fn describe(cx: &mut Context, version: i16) -> Result<()> {
    for owners in [
        Value::Null,
        json!([]),
        json!([{"principalType": "User", "principalName": "alice"}]),
        json!([{"principalType": "", "principalName": ""}, {"principalType": "Group", "principalName": "x"}]),
    ] {
        cx.call(
            "DescribeDelegationToken",
            version,
            json!({"owners": owners}),
        )?;
    }
    Ok(())
}

fn logged_in_by_scram(cx: &mut Context) -> Result<()> {
    cx.quietly(|cx| {
        let way = Way::Requests(1);
        cx.shake_hands(A, Hash::Sha256.mechanism(), way)?;
        let mut scram = Scram::new(Hash::Sha256, "bob", "bob-secret");
        scram.begin(cx, A, way)?;
        scram.prove(cx, A, way)
    })?;
    of(cx, 3, None, &[], -1)?;
    cx.call("DescribeDelegationToken", 3, json!({"owners": null}))?;
    Ok(())
}

fn not_logged_in(cx: &mut Context) -> Result<()> {
    cx.call("DescribeDelegationToken", 3, json!({"owners": null}))?;
    of(cx, 3, None, &[], -1)
}
