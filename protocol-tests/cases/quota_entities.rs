//! Who may have quotas: the entities of AlterClientQuotas (key 49).

use anyhow::Result;
use serde_json::json;

use crate::case::{Area, cases};
use crate::context::Context;
use crate::quotas::{BOUNDLESS, entity, op};

/// Name of the case and an entity that gets a quota; `*` stands for a name of its own, none for the default.
type Entity = (&'static str, Option<&'static str>);

const ENTITIES: &[(&str, &[Entity], &str)] = &[
    ("user", &[("user", Some("*"))], "producer_byte_rate"),
    (
        "user_and_client",
        &[("user", Some("*")), ("client-id", Some("*"))],
        "producer_byte_rate",
    ),
    (
        "client_and_user",
        &[("client-id", Some("*")), ("user", Some("*"))],
        "producer_byte_rate",
    ),
    (
        "user_and_default_client",
        &[("user", Some("*")), ("client-id", None)],
        "consumer_byte_rate",
    ),
    (
        "default_user_and_client",
        &[("user", None), ("client-id", Some("*"))],
        "controller_mutation_rate",
    ),
    (
        "ip",
        &[("ip", Some("10.1.2.3"))],
        "connection_creation_rate",
    ),
    (
        "ip_v6",
        &[("ip", Some("2001:db8::7"))],
        "connection_creation_rate",
    ),
    (
        "ip_in_brackets",
        &[("ip", Some("[2001:db8::8]"))],
        "connection_creation_rate",
    ),
    (
        "ip_by_name",
        &[("ip", Some("localhost"))],
        "connection_creation_rate",
    ),
    (
        "ip_of_two_parts",
        &[("ip", Some("10.9"))],
        "connection_creation_rate",
    ),
    (
        "ip_of_one_number",
        &[("ip", Some("167772161"))],
        "connection_creation_rate",
    ),
    (
        "ip_of_large_parts",
        &[("ip", Some("10.1.2.256"))],
        "connection_creation_rate",
    ),
    (
        "ip_of_five_parts",
        &[("ip", Some("10.1.2.3.4"))],
        "connection_creation_rate",
    ),
    (
        "ip_that_is_none",
        &[("ip", Some("no such host"))],
        "connection_creation_rate",
    ),
    (
        "ip_with_colons",
        &[("ip", Some("1:2"))],
        "connection_creation_rate",
    ),
    (
        "ip_with_another_key",
        &[("ip", Some("10.1.2.4"))],
        "producer_byte_rate",
    ),
    (
        "ip_and_user",
        &[("ip", Some("10.1.2.5")), ("user", Some("*"))],
        "producer_byte_rate",
    ),
    (
        "ip_and_client",
        &[("ip", Some("10.1.2.5")), ("client-id", Some("*"))],
        "connection_creation_rate",
    ),
    (
        "ip_and_both",
        &[("ip", None), ("user", Some("*")), ("client-id", Some("*"))],
        "connection_creation_rate",
    ),
    (
        "bad_ip_and_user",
        &[("ip", Some("no such host")), ("user", None)],
        "producer_byte_rate",
    ),
    ("no_types", &[], "producer_byte_rate"),
    (
        "unknown_type",
        &[("group", Some("*"))],
        "producer_byte_rate",
    ),
    (
        "unknown_type_and_user",
        &[("user", Some("*")), ("group", Some("*"))],
        "producer_byte_rate",
    ),
    (
        "type_in_capitals",
        &[("User", Some("*"))],
        "producer_byte_rate",
    ),
    ("empty_type", &[("", Some("*"))], "producer_byte_rate"),
    ("empty_user", &[("user", Some(""))], "producer_byte_rate"),
    (
        "empty_client",
        &[("client-id", Some(""))],
        "producer_byte_rate",
    ),
    ("empty_ip", &[("ip", Some(""))], "connection_creation_rate"),
    (
        "empty_user_and_client",
        &[("user", Some("")), ("client-id", Some("*"))],
        "producer_byte_rate",
    ),
    (
        "type_twice",
        &[("user", Some("*")), ("user", Some("u%2"))],
        "producer_byte_rate",
    ),
    (
        "name_with_signs",
        &[("client-id", Some("a b/c&d=é<default>"))],
        "producer_byte_rate",
    ),
    (
        "name_of_the_default",
        &[("client-id", Some("<default>"))],
        "producer_byte_rate",
    ),
];

pub(super) fn area() -> Area {
    ENTITIES
        .iter()
        .fold(Area::new("quota_entities"), |area, row| {
            area.with(row.0, (row.1, row.2), of_entity)
        })
        .case("default_client", |cx| default(cx, &[("client-id", None)]))
        .alone()
        .case("default_user", |cx| default(cx, &[("user", None)]))
        .alone()
        .case("default_of_both", |cx| {
            default(cx, &[("user", None), ("client-id", None)])
        })
        .alone()
        .cases(cases![default_ip])
        .alone()
}

fn of_entity(cx: &mut Context, (names, key): (&[Entity], &str)) -> Result<()> {
    let own = cx.topic("own");
    let name = |name: &Option<&'static str>| match name {
        Some("*") => Some(own.clone()),
        name => name.map(str::to_owned),
    };
    let named: Vec<_> = names.iter().map(|(kind, of)| (*kind, name(of))).collect();
    let named: Vec<_> = named
        .iter()
        .map(|(kind, of)| (*kind, of.as_deref()))
        .collect();
    let own = entity(&named);
    let value = Some(BOUNDLESS.min(1e9));
    let answer = cx.alter_quotas(1, &json!([{"entity": own, "ops": [op(key, value)]}]), false)?;
    if answer["entries"][0]["errorCode"] == 0 {
        let own = answer["entries"][0]["entity"].clone();
        cx.describe_quotas(&own)?;
        cx.remove_quotas(&own)?;
    }
    Ok(())
}

fn default(cx: &mut Context, names: &[(&str, Option<&str>)]) -> Result<()> {
    let own = entity(names);
    let set = [op("producer_byte_rate", Some(BOUNDLESS))];
    cx.alter_quotas(1, &json!([{"entity": own, "ops": set}]), false)?;
    cx.describe_quotas(&own)?;
    let ops = [op("producer_byte_rate", None)];
    cx.alter_quotas(1, &json!([{"entity": own, "ops": ops}]), false)?;
    cx.describe_quotas(&own).map(drop)
}

fn default_ip(cx: &mut Context) -> Result<()> {
    let own = entity(&[("ip", None)]);
    let set = [op("connection_creation_rate", Some(2_000_000.0))];
    cx.alter_quotas(1, &json!([{"entity": own, "ops": set}]), false)?;
    cx.describe_quotas(&own)?;
    cx.remove_quotas(&own)
}
