//! Share partitions begin one after the other: a ShareFetch (key 78) is answered as soon as those that have begun are
//! enough for it.

use anyhow::Result;
use serde_json::{Value, json};

use super::fetch::produce;
use super::members::{Shared, Sharer, sharing};
use crate::case::{Area, cases};
use crate::context::Context;
use crate::profile::Profile;

pub(super) fn area() -> Area {
    Area::new("share_beginnings")
        .on(Profile::Shares)
        .cases(cases![
            beside_one_with_records,
            without_minimum,
            without_minimum_twice,
            first_with_records,
            beside_one_that_cannot_begin,
            one_that_cannot_begin_first,
        ])
}

/// A fetch that opens a session of its own, so that all of its partitions are told of.
fn opening(cx: &mut Context, m: &mut Sharer, topics: Value, fields: Value) -> Result<()> {
    m.session = 0;
    m.fetch(cx, topics, fields)?;
    Ok(())
}

fn beside_one_with_records(cx: &mut Context) -> Result<()> {
    let (mut m, t) = sharing(cx, 2, &[])?;
    cx.labels.hidden.push("records");
    opening(cx, &mut m, t.of(&[0]), json!({"maxWaitMs": 300}))?;
    produce(cx, &t.name, 0, &["a"])?;
    opening(cx, &mut m, t.of(&[0, 1]), json!({"maxWaitMs": 300}))?;
    opening(cx, &mut m, t.of(&[0, 1]), json!({"maxWaitMs": 300}))?;
    Ok(())
}

fn without_minimum(cx: &mut Context) -> Result<()> {
    let (mut m, t) = sharing(cx, 2, &[])?;
    let fields = json!({"maxWaitMs": 300, "minBytes": 0});
    opening(cx, &mut m, t.of(&[0, 1]), fields)
}

fn without_minimum_twice(cx: &mut Context) -> Result<()> {
    let (mut m, t) = sharing(cx, 3, &[])?;
    let fields = json!({"maxWaitMs": 300, "minBytes": 0});
    opening(cx, &mut m, t.of(&[2]), fields.clone())?;
    opening(cx, &mut m, t.of(&[0, 1, 2]), fields)
}

fn first_with_records(cx: &mut Context) -> Result<()> {
    let (mut m, t) = sharing(cx, 2, &[])?;
    cx.labels.hidden.push("records");
    for partition in 0..2 {
        produce(cx, &t.name, partition, &["a"])?;
    }
    opening(cx, &mut m, t.of(&[0, 1]), json!({"maxWaitMs": 300}))?;
    opening(cx, &mut m, t.of(&[0, 1]), json!({"maxWaitMs": 300}))?;
    Ok(())
}

/// Of a topic that no member wants nobody keeps a state.
fn unwanted(cx: &mut Context) -> Result<Shared> {
    Shared::new(cx, "u", 1)
}

fn both(first: &Shared, second: &Shared) -> Value {
    let rows = [first.of(&[0]), second.of(&[0])];
    rows.iter()
        .filter_map(Value::as_array)
        .flatten()
        .cloned()
        .collect()
}

fn beside_one_that_cannot_begin(cx: &mut Context) -> Result<()> {
    let (mut m, t) = sharing(cx, 1, &[])?;
    let u = unwanted(cx)?;
    let fields = json!({"maxWaitMs": 300, "minBytes": 0});
    opening(cx, &mut m, both(&t, &u), fields)
}

fn one_that_cannot_begin_first(cx: &mut Context) -> Result<()> {
    let (mut m, t) = sharing(cx, 1, &[])?;
    let u = unwanted(cx)?;
    let fields = json!({"maxWaitMs": 300, "minBytes": 0});
    opening(cx, &mut m, both(&u, &t), fields)
}
