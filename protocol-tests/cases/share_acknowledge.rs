//! Acknowledgements, by ShareAcknowledge (key 79) and with a ShareFetch (key 78).

use anyhow::Result;
use serde_json::{Value, json};

use super::fetch::produce;
use super::members::{Shared, Sharer, sharing};
use crate::case::{Area, cases};
use crate::context::Context;
use crate::profile::Profile;

pub(super) fn area() -> Area {
    Area::new("share_acknowledge")
        .on(Profile::Shares)
        .cases_at(1..=2, cases![accept, renew, types])
        .cases(cases![
            release,
            reject,
            gap,
            each_its_own,
            twice,
            part_of_a_batch,
            across_batches,
            across_batches_with_types,
            of_another_member,
            never_acquired,
            beyond_the_end,
            before_the_start,
            in_disorder,
            overlapping,
            backwards,
            negative,
            too_few_types,
            too_many_types,
            no_types,
            mixed_types,
            no_batches,
            unknown_topic,
            unknown_partition,
            one_good_one_bad,
            after_the_lock,
            after_release,
            delivery_limit_by_releases,
            delivery_limit_of_one,
            with_a_fetch,
            with_a_fetch_in_error,
            with_a_fetch_at_limits,
            renew_again,
            renew_without_the_flag,
            renew_with_other_types,
            renew_of_another_member,
            renew_by_a_fetch,
            renew_by_a_fetch_that_fetches,
            renew_keeps_the_lock,
            gap_at_the_start,
            rejected_are_not_delivered,
        ])
}

/// A member that has acquired these records, a batch each.
fn acquired(cx: &mut Context, batches: &[&[&str]]) -> Result<(Sharer, Shared)> {
    acquired_with(cx, batches, &[])
}

fn acquired_with(
    cx: &mut Context,
    batches: &[&[&str]],
    settings: &[(&str, &str)],
) -> Result<(Sharer, Shared)> {
    let (mut m, t) = sharing(cx, 1, settings)?;
    for values in batches {
        produce(cx, &t.name, 0, values)?;
    }
    cx.labels.hidden.push("records");
    m.fetch(cx, t.of(&[0]), json!({}))?;
    Ok((m, t))
}

/// What may be acquired now, and the states after.
fn look(cx: &mut Context, m: &mut Sharer, t: &Shared) -> Result<()> {
    let body = json!({"groupId": m.group, "topics": [{"topicId": t.id, "partitions": [{"partition": 0, "leaderEpoch": 0}]}]});
    cx.call("ReadShareGroupState", 0, body)?;
    m.fetch(cx, t.of(&[0]), json!({"maxWaitMs": 100}))?;
    Ok(())
}

fn say(cx: &mut Context, m: &mut Sharer, topics: Value) -> Result<()> {
    m.acknowledge(cx, topics, json!({}))?;
    Ok(())
}

fn accept(cx: &mut Context, version: i16) -> Result<()> {
    let (mut m, t) = acquired(cx, &[&["a", "b"]])?;
    m.acknowledge_at(cx, version, t.said(&[(0, 1, &[1])]), json!({}))?;
    look(cx, &mut m, &t)
}

fn renew(cx: &mut Context, version: i16) -> Result<()> {
    let (mut m, t) = acquired(cx, &[&["a", "b"]])?;
    m.acknowledge_at(
        cx,
        version,
        t.said(&[(0, 1, &[4])]),
        json!({"isRenewAck": true}),
    )?;
    look(cx, &mut m, &t)
}

fn types(cx: &mut Context, version: i16) -> Result<()> {
    let (mut m, t) = acquired(cx, &[&["a", "b"]])?;
    for kind in [-1, 5, 4] {
        m.acknowledge_at(cx, version, t.said(&[(0, 1, &[kind])]), json!({}))?;
    }
    look(cx, &mut m, &t)
}

fn release(cx: &mut Context) -> Result<()> {
    let (mut m, t) = acquired(cx, &[&["a", "b"]])?;
    say(cx, &mut m, t.said(&[(0, 1, &[2])]))?;
    look(cx, &mut m, &t)
}

fn reject(cx: &mut Context) -> Result<()> {
    let (mut m, t) = acquired(cx, &[&["a", "b"]])?;
    say(cx, &mut m, t.said(&[(0, 1, &[3])]))?;
    look(cx, &mut m, &t)
}

fn gap(cx: &mut Context) -> Result<()> {
    let (mut m, t) = acquired(cx, &[&["a", "b", "c"]])?;
    say(cx, &mut m, t.said(&[(1, 1, &[0])]))?;
    look(cx, &mut m, &t)
}

fn gap_at_the_start(cx: &mut Context) -> Result<()> {
    let (mut m, t) = acquired(cx, &[&["a", "b", "c"]])?;
    say(cx, &mut m, t.said(&[(0, 2, &[0, 0, 1])]))?;
    look(cx, &mut m, &t)
}

fn each_its_own(cx: &mut Context) -> Result<()> {
    let (mut m, t) = acquired(cx, &[&["a", "b", "c", "d"]])?;
    say(cx, &mut m, t.said(&[(0, 3, &[1, 2, 3, 0])]))?;
    look(cx, &mut m, &t)
}

fn twice(cx: &mut Context) -> Result<()> {
    let (mut m, t) = acquired(cx, &[&["a", "b", "c"]])?;
    for _ in 0..2 {
        say(cx, &mut m, t.said(&[(1, 1, &[1])]))?;
    }
    for _ in 0..2 {
        say(cx, &mut m, t.said(&[(0, 2, &[1])]))?;
    }
    look(cx, &mut m, &t)
}

fn part_of_a_batch(cx: &mut Context) -> Result<()> {
    let (mut m, t) = acquired(cx, &[&["a", "b", "c", "d"]])?;
    say(cx, &mut m, t.said(&[(1, 2, &[1])]))?;
    look(cx, &mut m, &t)?;
    say(cx, &mut m, t.said(&[(0, 0, &[1])]))?;
    look(cx, &mut m, &t)
}

fn across_batches(cx: &mut Context) -> Result<()> {
    let (mut m, t) = acquired(cx, &[&["a", "b"], &["c", "d"], &["e", "f"]])?;
    say(cx, &mut m, t.said(&[(0, 5, &[1])]))?;
    look(cx, &mut m, &t)
}

fn across_batches_with_types(cx: &mut Context) -> Result<()> {
    let (mut m, t) = acquired(cx, &[&["a", "b"], &["c", "d"], &["e", "f"]])?;
    say(cx, &mut m, t.said(&[(1, 4, &[1, 2, 2, 3])]))?;
    look(cx, &mut m, &t)
}

fn of_another_member(cx: &mut Context) -> Result<()> {
    let (m, t) = acquired(cx, &[&["a", "b"]])?;
    let mut n = Sharer::new(&m.group, "n");
    n.fetch(cx, t.of(&[0]), json!({"maxWaitMs": 100}))?;
    say(cx, &mut n, t.said(&[(0, 1, &[1])]))?;
    say(cx, &mut n, t.said(&[(0, 0, &[2])]))?;
    Ok(())
}

fn never_acquired(cx: &mut Context) -> Result<()> {
    let (mut m, t) = sharing(cx, 1, &[])?;
    produce(cx, &t.name, 0, &["a"])?;
    m.fetch(cx, t.of(&[]), json!({"maxWaitMs": 100}))?;
    say(cx, &mut m, t.said(&[(0, 0, &[1])]))?;
    m.fetch(cx, t.of(&[0]), json!({"maxRecords": 1}))?;
    produce(cx, &t.name, 0, &["b"])?;
    say(cx, &mut m, t.said(&[(1, 1, &[1])]))?;
    Ok(())
}

fn beyond_the_end(cx: &mut Context) -> Result<()> {
    let (mut m, t) = acquired(cx, &[&["a", "b"]])?;
    say(cx, &mut m, t.said(&[(0, 2, &[1])]))?;
    say(cx, &mut m, t.said(&[(5, 6, &[1])]))?;
    look(cx, &mut m, &t)
}

fn before_the_start(cx: &mut Context) -> Result<()> {
    let (mut m, t) = acquired(cx, &[&["a", "b"], &["c"]])?;
    say(cx, &mut m, t.said(&[(0, 1, &[1])]))?;
    say(cx, &mut m, t.said(&[(0, 1, &[1])]))?;
    say(cx, &mut m, t.said(&[(0, 2, &[1])]))?;
    look(cx, &mut m, &t)
}

fn in_disorder(cx: &mut Context) -> Result<()> {
    let (mut m, t) = acquired(cx, &[&["a", "b", "c"]])?;
    say(cx, &mut m, t.said(&[(2, 2, &[1]), (0, 0, &[1])]))?;
    look(cx, &mut m, &t)
}

fn overlapping(cx: &mut Context) -> Result<()> {
    let (mut m, t) = acquired(cx, &[&["a", "b", "c"]])?;
    say(cx, &mut m, t.said(&[(0, 1, &[1]), (1, 2, &[1])]))?;
    look(cx, &mut m, &t)
}

fn backwards(cx: &mut Context) -> Result<()> {
    let (mut m, t) = acquired(cx, &[&["a", "b", "c"]])?;
    say(cx, &mut m, t.said(&[(2, 1, &[1])]))?;
    look(cx, &mut m, &t)
}

fn negative(cx: &mut Context) -> Result<()> {
    let (mut m, t) = acquired(cx, &[&["a", "b", "c"]])?;
    say(cx, &mut m, t.said(&[(-2, -1, &[1])]))?;
    say(cx, &mut m, t.said(&[(-1, 0, &[1])]))?;
    look(cx, &mut m, &t)
}

fn too_few_types(cx: &mut Context) -> Result<()> {
    let (mut m, t) = acquired(cx, &[&["a", "b", "c"]])?;
    say(cx, &mut m, t.said(&[(0, 2, &[1, 1])]))?;
    look(cx, &mut m, &t)
}

fn too_many_types(cx: &mut Context) -> Result<()> {
    let (mut m, t) = acquired(cx, &[&["a", "b", "c"]])?;
    say(cx, &mut m, t.said(&[(0, 1, &[1, 1, 1])]))?;
    say(cx, &mut m, t.said(&[(0, 0, &[1, 1])]))?;
    look(cx, &mut m, &t)
}

fn no_types(cx: &mut Context) -> Result<()> {
    let (mut m, t) = acquired(cx, &[&["a"]])?;
    say(cx, &mut m, t.said(&[(0, 0, &[])]))?;
    look(cx, &mut m, &t)
}

fn mixed_types(cx: &mut Context) -> Result<()> {
    let (mut m, t) = acquired(cx, &[&["a", "b", "c"]])?;
    say(cx, &mut m, t.said(&[(0, 2, &[1, 9, 1])]))?;
    look(cx, &mut m, &t)
}

fn no_batches(cx: &mut Context) -> Result<()> {
    let (mut m, t) = acquired(cx, &[&["a"]])?;
    say(cx, &mut m, t.of(&[0]))?;
    say(cx, &mut m, json!([]))?;
    look(cx, &mut m, &t)
}

fn unknown_topic(cx: &mut Context) -> Result<()> {
    let (mut m, t) = acquired(cx, &[&["a"]])?;
    let none = Shared {
        name: t.name.clone(),
        id: "AAAAAAAAAAAAAAAAAAAABQ".to_owned(),
    };
    say(cx, &mut m, none.said(&[(0, 0, &[1])]))?;
    look(cx, &mut m, &t)
}

fn unknown_partition(cx: &mut Context) -> Result<()> {
    let (mut m, t) = acquired(cx, &[&["a"]])?;
    let mut rows = t.said(&[(0, 0, &[1])]);
    rows[0]["partitions"][0]["partitionIndex"] = json!(7);
    say(cx, &mut m, rows)?;
    look(cx, &mut m, &t)
}

fn one_good_one_bad(cx: &mut Context) -> Result<()> {
    let (mut m, t) = acquired(cx, &[&["a", "b", "c"]])?;
    say(cx, &mut m, t.said(&[(0, 0, &[1]), (2, 5, &[1])]))?;
    look(cx, &mut m, &t)
}

fn short_locks() -> [(&'static str, &'static str); 1] {
    [("share.record.lock.duration.ms", "1000")]
}

fn after_the_lock(cx: &mut Context) -> Result<()> {
    let (mut m, t) = acquired_with(cx, &[&["a", "b"]], &short_locks())?;
    let mut n = Sharer::new(&m.group, "n");
    n.fetch(cx, t.of(&[0]), json!({}))?;
    say(cx, &mut m, t.said(&[(0, 1, &[1])]))?;
    say(cx, &mut n, t.said(&[(0, 1, &[1])]))?;
    Ok(())
}

fn after_release(cx: &mut Context) -> Result<()> {
    let (mut m, t) = acquired(cx, &[&["a", "b"]])?;
    say(cx, &mut m, t.said(&[(0, 1, &[2])]))?;
    say(cx, &mut m, t.said(&[(0, 1, &[1])]))?;
    say(cx, &mut m, t.said(&[(0, 0, &[1])]))?;
    look(cx, &mut m, &t)
}

fn delivery_limit_by_releases(cx: &mut Context) -> Result<()> {
    let (mut m, t) = acquired_with(cx, &[&["a", "b"]], &[("share.delivery.count.limit", "3")])?;
    for _ in 0..2 {
        say(cx, &mut m, t.said(&[(0, 1, &[2])]))?;
        m.fetch(cx, t.of(&[0]), json!({}))?;
    }
    say(cx, &mut m, t.said(&[(0, 0, &[2])]))?;
    look(cx, &mut m, &t)?;
    say(cx, &mut m, t.said(&[(1, 1, &[2])]))?;
    look(cx, &mut m, &t)
}

fn delivery_limit_of_one(cx: &mut Context) -> Result<()> {
    let (mut m, t) = acquired_with(cx, &[&["a", "b"]], &[("share.delivery.count.limit", "2")])?;
    say(cx, &mut m, t.said(&[(1, 1, &[2])]))?;
    m.fetch(cx, t.of(&[0]), json!({}))?;
    say(cx, &mut m, t.said(&[(1, 1, &[2])]))?;
    look(cx, &mut m, &t)
}

fn with_a_fetch(cx: &mut Context) -> Result<()> {
    let (mut m, t) = acquired(cx, &[&["a", "b"]])?;
    produce(cx, &t.name, 0, &["c"])?;
    m.fetch(cx, t.said(&[(0, 1, &[1])]), json!({}))?;
    m.fetch(cx, t.said(&[(2, 2, &[2])]), json!({}))?;
    Ok(())
}

fn with_a_fetch_in_error(cx: &mut Context) -> Result<()> {
    let (mut m, t) = acquired(cx, &[&["a", "b"]])?;
    m.fetch(cx, t.said(&[(7, 8, &[1])]), json!({"maxWaitMs": 100}))?;
    m.fetch(cx, t.said(&[(0, 1, &[1, 1, 1])]), json!({"maxWaitMs": 100}))?;
    m.fetch(cx, t.said(&[(0, 1, &[4])]), json!({"maxWaitMs": 100}))?;
    Ok(())
}

fn with_a_fetch_at_limits(cx: &mut Context) -> Result<()> {
    let (mut m, t) = acquired(cx, &[&["a", "b"]])?;
    m.fetch(
        cx,
        t.said(&[(0, 0, &[1])]),
        json!({"maxWaitMs": 0, "maxRecords": 0}),
    )?;
    m.fetch(
        cx,
        t.said(&[(1, 1, &[1])]),
        json!({"maxWaitMs": 0, "maxBytes": 0}),
    )?;
    Ok(())
}

fn renew_again(cx: &mut Context) -> Result<()> {
    let (mut m, t) = acquired(cx, &[&["a", "b", "c"]])?;
    let renews = json!({"isRenewAck": true});
    m.acknowledge(cx, t.said(&[(1, 1, &[4])]), renews.clone())?;
    m.acknowledge(cx, t.said(&[(0, 2, &[4])]), renews)?;
    say(cx, &mut m, t.said(&[(0, 2, &[1])]))?;
    look(cx, &mut m, &t)
}

fn renew_without_the_flag(cx: &mut Context) -> Result<()> {
    let (mut m, t) = acquired(cx, &[&["a", "b"]])?;
    say(cx, &mut m, t.said(&[(0, 1, &[4])]))?;
    say(cx, &mut m, t.said(&[(0, 1, &[1, 4])]))?;
    look(cx, &mut m, &t)
}

fn renew_with_other_types(cx: &mut Context) -> Result<()> {
    let (mut m, t) = acquired(cx, &[&["a", "b", "c", "d"]])?;
    let renews = json!({"isRenewAck": true});
    m.acknowledge(cx, t.said(&[(0, 3, &[4, 1, 2, 3])]), renews.clone())?;
    look(cx, &mut m, &t)?;
    m.acknowledge(cx, t.said(&[(0, 0, &[1])]), renews)?;
    look(cx, &mut m, &t)
}

fn renew_of_another_member(cx: &mut Context) -> Result<()> {
    let (m, t) = acquired(cx, &[&["a", "b"]])?;
    let mut n = Sharer::new(&m.group, "n");
    n.fetch(cx, t.of(&[0]), json!({"maxWaitMs": 100}))?;
    n.acknowledge(cx, t.said(&[(0, 1, &[4])]), json!({"isRenewAck": true}))?;
    Ok(())
}

fn renew_by_a_fetch(cx: &mut Context) -> Result<()> {
    let (mut m, t) = acquired(cx, &[&["a", "b"]])?;
    let fields = json!({"isRenewAck": true, "maxWaitMs": 0, "minBytes": 0, "maxBytes": 0, "maxRecords": 0, "batchSize": 0});
    m.fetch(cx, t.said(&[(0, 1, &[4])]), fields.clone())?;
    m.fetch(cx, t.said(&[(0, 1, &[1, 4])]), fields.clone())?;
    m.fetch(cx, json!([]), fields)?;
    Ok(())
}

fn renew_by_a_fetch_that_fetches(cx: &mut Context) -> Result<()> {
    let (mut m, t) = acquired(cx, &[&["a", "b"]])?;
    let nothing =
        json!({"isRenewAck": true, "maxWaitMs": 0, "minBytes": 0, "maxBytes": 0, "maxRecords": 0});
    for (field, value) in [
        ("maxWaitMs", 5),
        ("minBytes", 1),
        ("maxBytes", 5),
        ("maxRecords", 1),
    ] {
        let mut fields = nothing.clone();
        fields[field] = json!(value);
        m.fetch(cx, t.said(&[(0, 1, &[4])]), fields)?;
    }
    Ok(())
}

/// A lock that is renewed runs out later.
fn renew_keeps_the_lock(cx: &mut Context) -> Result<()> {
    let (mut m, t) = acquired_with(cx, &[&["a"]], &[("share.record.lock.duration.ms", "2000")])?;
    m.fetch(cx, t.of(&[0]), json!({"maxWaitMs": 1300}))?;
    m.acknowledge(cx, t.said(&[(0, 0, &[4])]), json!({"isRenewAck": true}))?;
    m.fetch(cx, t.of(&[0]), json!({"maxWaitMs": 1300}))?;
    say(cx, &mut m, t.said(&[(0, 0, &[1])]))?;
    look(cx, &mut m, &t)
}

fn rejected_are_not_delivered(cx: &mut Context) -> Result<()> {
    let (mut m, t) = acquired(cx, &[&["a", "b", "c"]])?;
    say(cx, &mut m, t.said(&[(0, 2, &[2, 3, 2])]))?;
    m.fetch(cx, t.of(&[0]), json!({}))?;
    say(cx, &mut m, t.said(&[(0, 2, &[1])]))?;
    say(cx, &mut m, t.said(&[(0, 0, &[1]), (2, 2, &[1])]))?;
    look(cx, &mut m, &t)
}
