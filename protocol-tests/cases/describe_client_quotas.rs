//! DescribeClientQuotas (key 48), v0–v1.

use anyhow::Result;
use serde_json::{Value, json};

use crate::case::{Area, cases};
use crate::context::Context;
use crate::quotas::{BOUNDLESS, entity};

/// Entity type, how it is matched (0 exactly, 1 the default, 2 any), the name; `*` is the case's own.
type Component = (&'static str, i8, Option<&'static str>);

/// Name of the case and a filter over what [`filter`] sets.
const FILTERS: &[(&str, &[Component])] = &[
    ("user", &[("user", 0, Some("*"))]),
    ("client", &[("client-id", 0, Some("*"))]),
    (
        "user_and_client",
        &[("user", 0, Some("*")), ("client-id", 0, Some("*"))],
    ),
    (
        "client_and_user",
        &[("client-id", 0, Some("*")), ("user", 0, Some("*"))],
    ),
    (
        "user_and_default_client",
        &[("user", 0, Some("*")), ("client-id", 1, None)],
    ),
    (
        "default_user_and_client",
        &[("user", 1, None), ("client-id", 0, Some("*"))],
    ),
    (
        "user_and_any_client",
        &[("user", 0, Some("*")), ("client-id", 2, None)],
    ),
    (
        "any_user_and_client",
        &[("user", 2, None), ("client-id", 0, Some("*"))],
    ),
    ("ip", &[("ip", 0, Some("10.3.2.1"))]),
    ("unknown_name", &[("user", 0, Some("nobody"))]),
    (
        "user_and_unknown_client",
        &[("user", 0, Some("*")), ("client-id", 0, Some("nothing"))],
    ),
    ("empty_name", &[("user", 0, Some(""))]),
    ("unknown_type", &[("group", 0, Some("*"))]),
    ("empty_type", &[("", 0, Some("*"))]),
    ("type_in_capitals", &[("USER", 0, Some("*"))]),
    (
        "type_twice",
        &[("user", 0, Some("*")), ("user", 0, Some("nobody"))],
    ),
    (
        "type_twice_any",
        &[("user", 2, None), ("user", 0, Some("*"))],
    ),
    ("exact_without_a_name", &[("user", 0, None)]),
    ("default_with_a_name", &[("user", 1, Some("*"))]),
    ("any_with_a_name", &[("user", 2, Some("*"))]),
    ("unknown_match", &[("user", 3, None)]),
    ("negative_match", &[("user", -1, Some("*"))]),
    (
        "ip_and_user",
        &[("ip", 0, Some("10.3.2.1")), ("user", 0, Some("*"))],
    ),
    (
        "any_ip_and_any_client",
        &[("ip", 2, None), ("client-id", 2, None)],
    ),
    (
        "first_of_two_errors",
        &[("group", 0, None), ("user", 3, None)],
    ),
    (
        "error_before_combination",
        &[("ip", 2, None), ("user", 2, None), ("user", 0, None)],
    ),
];

pub(super) fn area() -> Area {
    FILTERS
        .iter()
        .fold(Area::new("describe_client_quotas"), |area, row| {
            area.with(row.0, row.1, filter)
        })
        .case("everything_v0", |cx| everything(cx, 0))
        .alone()
        .case("everything_v1", |cx| everything(cx, 1))
        .alone()
        .case("nothing_strictly", |cx| {
            let body = json!({"components": [], "strict": true});
            cx.call("DescribeClientQuotas", 1, body).map(drop)
        })
        .cases(cases![of_any_kind])
        .alone()
}

/// Every combination of a user, a client and the defaults of the other, and an address.
fn filter(cx: &mut Context, components: &[Component]) -> Result<()> {
    let own = cx.topic("own");
    let name = Some(own.as_str());
    let entities = [
        entity(&[("user", name)]),
        entity(&[("client-id", name)]),
        entity(&[("user", name), ("client-id", name)]),
        entity(&[("user", name), ("client-id", None)]),
        entity(&[("user", None), ("client-id", name)]),
        entity(&[("user", name), ("client-id", Some("other"))]),
    ];
    for entity in &entities {
        cx.set_quotas(entity, &[("producer_byte_rate", Some(BOUNDLESS))])?;
    }
    let ip = entity(&[("ip", Some("10.3.2.1"))]);
    cx.set_quotas(&ip, &[("connection_creation_rate", Some(1e6))])?;
    let row = |(kind, how, name): &Component| {
        let name = name.map(|name| if name == "*" { own.as_str() } else { name });
        json!({"entityType": kind, "matchType": how, "match": name})
    };
    let rows: Vec<Value> = components.iter().map(row).collect();
    for strict in [false, true] {
        let body = json!({"components": rows, "strict": strict});
        cx.call("DescribeClientQuotas", 1, body)?;
    }
    entities
        .iter()
        .try_for_each(|entity| cx.remove_quotas(entity))
}

/// Other cases may have left nothing.
fn everything(cx: &mut Context, version: i16) -> Result<()> {
    let (a, ip) = (cx.topic("a"), entity(&[("ip", Some("10.3.2.2"))]));
    let own = entity(&[("client-id", Some(&a)), ("user", Some(&a))]);
    cx.remove_quotas(&entity(&[("ip", Some("10.3.2.1"))]))?;
    cx.set_quotas(&ip, &[("connection_creation_rate", Some(1e6))])?;
    let ops = [
        ("producer_byte_rate", Some(1e9)),
        ("request_percentage", Some(0.5)),
        ("controller_mutation_rate", Some(1e7)),
    ];
    cx.set_quotas(&own, &ops)?;
    for strict in [false, true] {
        let body = json!({"components": [], "strict": strict});
        cx.call("DescribeClientQuotas", version, body)?;
    }
    cx.remove_quotas(&own)?;
    cx.remove_quotas(&ip)
}

/// What matches by type alone, which all cases share.
fn of_any_kind(cx: &mut Context) -> Result<()> {
    let a = cx.topic("a");
    cx.remove_quotas(&entity(&[("ip", Some("10.3.2.1"))]))?;
    let entities = [
        entity(&[("client-id", Some(&a))]),
        entity(&[("user", Some(&a))]),
        entity(&[("user", Some(&a)), ("client-id", Some(&a))]),
        entity(&[("user", None)]),
        entity(&[("client-id", None)]),
        entity(&[("user", None), ("client-id", None)]),
    ];
    for entity in &entities {
        cx.set_quotas(entity, &[("consumer_byte_rate", Some(BOUNDLESS))])?;
    }
    for (kinds, how) in [
        (["user"].as_slice(), 2),
        (&["client-id"], 2),
        (&["user", "client-id"], 2),
        (&["user"], 1),
        (&["client-id"], 1),
        (&["user", "client-id"], 1),
        (&["ip"], 2),
        (&["ip"], 1),
    ] {
        let row = |kind| json!({"entityType": kind, "matchType": how, "match": null});
        let rows: Vec<Value> = kinds.iter().map(row).collect();
        for strict in [false, true] {
            let body = json!({"components": rows, "strict": strict});
            cx.call("DescribeClientQuotas", 1, body)?;
        }
    }
    entities
        .iter()
        .try_for_each(|entity| cx.remove_quotas(entity))
}
