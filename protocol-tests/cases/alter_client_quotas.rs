//! AlterClientQuotas (key 49), v0–v1.

use anyhow::Result;
use serde_json::{Value, json};

use crate::case::{Area, cases};
use crate::context::Context;
use crate::quotas::{entity, op};

/// Key and value; none removes it.
type Op = (&'static str, Option<f64>);

/// Name of the case and what one request does to a client id with `producer_byte_rate=1000`.
const OF_A_CLIENT: &[(&str, &[Op])] = &[
    ("set", &[("consumer_byte_rate", Some(2000.0))]),
    ("set_again", &[("producer_byte_rate", Some(3000.0))]),
    ("set_to_the_same", &[("producer_byte_rate", Some(1000.0))]),
    (
        "set_all",
        &[
            ("producer_byte_rate", Some(1.0)),
            ("consumer_byte_rate", Some(2.0)),
            ("request_percentage", Some(3.5)),
            ("controller_mutation_rate", Some(4.25)),
        ],
    ),
    ("set_to_zero", &[("producer_byte_rate", Some(0.0))]),
    ("set_below_zero", &[("producer_byte_rate", Some(-1.0))]),
    ("set_to_a_fraction", &[("producer_byte_rate", Some(1.5))]),
    (
        "set_to_almost_a_whole_number",
        &[("producer_byte_rate", Some(7.000_000_5))],
    ),
    (
        "set_to_almost_the_next_number",
        &[("producer_byte_rate", Some(7.999_999_5))],
    ),
    (
        "set_to_the_smallest",
        &[("consumer_byte_rate", Some(5e-324))],
    ),
    (
        "set_to_the_largest_long",
        &[("consumer_byte_rate", Some(9_223_372_036_854_775_807.0))],
    ),
    ("set_beyond_long", &[("consumer_byte_rate", Some(1e19))]),
    (
        "set_to_infinity",
        &[("consumer_byte_rate", Some(f64::INFINITY))],
    ),
    (
        "set_to_less_than_infinity",
        &[("consumer_byte_rate", Some(f64::NEG_INFINITY))],
    ),
    (
        "set_to_no_number",
        &[("consumer_byte_rate", Some(f64::NAN))],
    ),
    (
        "percentage_of_nothing",
        &[("request_percentage", Some(0.0))],
    ),
    (
        "percentage_of_a_fraction",
        &[("request_percentage", Some(0.001))],
    ),
    (
        "percentage_to_infinity",
        &[("request_percentage", Some(f64::INFINITY))],
    ),
    (
        "mutations_below_zero",
        &[("controller_mutation_rate", Some(-0.5))],
    ),
    ("unknown_key", &[("no_such_rate", Some(1.0))]),
    ("empty_key", &[("", Some(1.0))]),
    ("key_of_an_ip", &[("connection_creation_rate", Some(1.0))]),
    ("key_of_scram", &[("SCRAM-SHA-256", Some(1.0))]),
    ("remove", &[("producer_byte_rate", None)]),
    ("remove_what_is_not_set", &[("consumer_byte_rate", None)]),
    ("remove_an_unknown_key", &[("no_such_rate", None)]),
    (
        "remove_and_set",
        &[
            ("producer_byte_rate", None),
            ("consumer_byte_rate", Some(5.0)),
        ],
    ),
    (
        "key_twice",
        &[
            ("consumer_byte_rate", Some(5.0)),
            ("consumer_byte_rate", Some(6.0)),
        ],
    ),
    (
        "set_and_remove_a_key",
        &[
            ("producer_byte_rate", Some(5.0)),
            ("producer_byte_rate", None),
        ],
    ),
    (
        "one_good_one_bad",
        &[
            ("consumer_byte_rate", Some(5.0)),
            ("no_such_rate", Some(1.0)),
        ],
    ),
    ("nothing", &[]),
];

pub(super) fn area() -> Area {
    let area = OF_A_CLIENT
        .iter()
        .fold(Area::new("alter_client_quotas"), |area, row| {
            area.with(row.0, row.1, of_a_client)
        });
    area.cases_at(0..=1, cases![entries, validate_only])
        .cases(cases![
            entity_twice,
            entity_twice_first_bad,
            good_beside_bad,
            connection_rates,
        ])
        .case("no_entries", |cx| {
            cx.call("AlterClientQuotas", 1, json!({"entries": []}))
                .map(drop)
        })
}

fn number(value: f64) -> Value {
    if value.is_finite() {
        json!(value)
    } else {
        json!(value.to_string())
    }
}

fn of_a_client(cx: &mut Context, ops: &[Op]) -> Result<()> {
    let client = cx.topic("c");
    let own = entity(&[("client-id", Some(&client))]);
    cx.set_quotas(&own, &[("producer_byte_rate", Some(1000.0))])?;
    cx.note("c has producer_byte_rate=1000");
    let op = |(key, value): &Op| {
        let shown = number(value.unwrap_or_default());
        json!({"key": key, "value": shown, "remove": value.is_none()})
    };
    let ops: Vec<_> = ops.iter().map(op).collect();
    cx.alter_quotas(1, &json!([{"entity": own, "ops": ops}]), false)?;
    cx.describe_quotas(&own)?;
    cx.remove_quotas(&own)
}

/// Two entities, several keys.
fn entries(cx: &mut Context, version: i16) -> Result<()> {
    let (a, b) = (cx.topic("a"), cx.topic("b"));
    let a = entity(&[("client-id", Some(&a))]);
    let b = entity(&[("user", Some(&b)), ("client-id", Some("x"))]);
    let ops = [
        op("producer_byte_rate", Some(1e9)),
        op("request_percentage", Some(200.0)),
    ];
    let rows = json!([{"entity": a, "ops": ops}, {"entity": b, "ops": [ops[1]]}]);
    cx.alter_quotas(version, &rows, false)?;
    cx.describe_quotas(&a)?;
    cx.describe_quotas(&b)?;
    cx.remove_quotas(&a)?;
    cx.remove_quotas(&b)
}

fn validate_only(cx: &mut Context, version: i16) -> Result<()> {
    let a = cx.topic("a");
    let own = entity(&[("client-id", Some(&a))]);
    let rows = json!([
        {"entity": own, "ops": [op("producer_byte_rate", Some(1e9))]},
        {"entity": entity(&[]), "ops": []},
    ]);
    cx.alter_quotas(version, &rows, true)?;
    cx.describe_quotas(&own).map(drop)
}

fn entity_twice(cx: &mut Context) -> Result<()> {
    let a = cx.topic("a");
    let own = entity(&[("client-id", Some(&a)), ("user", Some(&a))]);
    let turned = entity(&[("user", Some(&a)), ("client-id", Some(&a))]);
    let rows = json!([
        {"entity": own, "ops": [op("producer_byte_rate", Some(1e9))]},
        {"entity": turned, "ops": [op("consumer_byte_rate", Some(1e9))]},
    ]);
    cx.alter_quotas(1, &rows, false)?;
    cx.describe_quotas(&own)?;
    cx.remove_quotas(&own)
}

fn entity_twice_first_bad(cx: &mut Context) -> Result<()> {
    let a = cx.topic("a");
    let own = entity(&[("client-id", Some(&a))]);
    let rows = json!([
        {"entity": own, "ops": [op("no_such_rate", Some(1e9))]},
        {"entity": own, "ops": [op("consumer_byte_rate", Some(1e9))]},
    ]);
    cx.alter_quotas(1, &rows, false)?;
    cx.describe_quotas(&own)?;
    cx.remove_quotas(&own)
}

fn good_beside_bad(cx: &mut Context) -> Result<()> {
    let (a, b) = (cx.topic("a"), cx.topic("b"));
    let (a, b) = (
        entity(&[("client-id", Some(&a))]),
        entity(&[("client-id", Some(&b))]),
    );
    let rows = json!([
        {"entity": a, "ops": [op("no_such_rate", Some(1e9))]},
        {"entity": b, "ops": [op("consumer_byte_rate", Some(1e9))]},
    ]);
    cx.alter_quotas(1, &rows, false)?;
    cx.describe_quotas(&a)?;
    cx.describe_quotas(&b)?;
    cx.remove_quotas(&b)
}

/// They are whole numbers of 32 bits.
fn connection_rates(cx: &mut Context) -> Result<()> {
    let own = entity(&[("ip", Some("10.7.7.7"))]);
    for rate in [2_147_483_647.0, 2_147_483_648.0, 1.5, 0.0, -1.0, 20.0] {
        let ops = [op("connection_creation_rate", Some(rate))];
        cx.alter_quotas(1, &json!([{"entity": own, "ops": ops}]), false)?;
    }
    cx.describe_quotas(&own)?;
    cx.remove_quotas(&own)
}
