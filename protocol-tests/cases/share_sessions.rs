//! Share sessions: their epochs, what they remember, and how they end.

use anyhow::Result;
use serde_json::{Value, json};

use super::fetch::produce;
use super::members::{Shared, Sharer, sharing};
use crate::case::{Area, cases};
use crate::context::Context;
use crate::profile::Profile;

pub(super) fn area() -> Area {
    Area::new("share_sessions")
        .on(Profile::Shares)
        .cases(cases![
            steps,
            partitions_added,
            partitions_forgotten,
            forgotten_that_never_were,
            opened_again,
            unknown,
            unknown_for_acknowledgements,
            first_acknowledges,
            first_acknowledges_alone,
            skipped_epoch,
            old_epoch,
            last_epoch_acknowledged,
            epoch_below_the_last,
            no_partitions,
            close,
            close_with_acknowledgements,
            close_by_an_acknowledgement,
            close_releases,
            close_unknown,
            close_twice,
            close_names_partitions,
            missing_names,
            empty_names,
            long_member_id,
            another_connection,
            connection_closed,
            connection_closed_of_another,
            two_members_on_a_connection,
            waiting_meanwhile,
        ])
        .case("limit", limit)
        .alone()
}

fn quick() -> Value {
    json!({"maxWaitMs": 100})
}

fn steps(cx: &mut Context) -> Result<()> {
    let (mut m, t) = sharing(cx, 2, &[])?;
    m.fetch(cx, t.of(&[0, 1]), quick())?;
    m.fetch(cx, json!([]), quick())?;
    produce(cx, &t.name, 1, &["x"])?;
    m.fetch(cx, json!([]), json!({}))?;
    m.fetch(cx, t.of(&[1]), quick())?;
    m.acknowledge(cx, json!([]), json!({}))?;
    m.fetch(cx, json!([]), quick())?;
    Ok(())
}

fn partitions_added(cx: &mut Context) -> Result<()> {
    let (mut m, t) = sharing(cx, 2, &[])?;
    produce(cx, &t.name, 1, &["x"])?;
    m.fetch(cx, t.of(&[0]), quick())?;
    m.fetch(cx, t.of(&[1]), json!({}))?;
    produce(cx, &t.name, 0, &["y"])?;
    m.fetch(cx, json!([]), json!({}))?;
    Ok(())
}

fn partitions_forgotten(cx: &mut Context) -> Result<()> {
    let (mut m, t) = sharing(cx, 2, &[])?;
    m.fetch(cx, t.of(&[0, 1]), quick())?;
    produce(cx, &t.name, 1, &["x"])?;
    let forgotten = json!([{"topicId": t.id, "partitions": [1]}]);
    m.fetch(
        cx,
        json!([]),
        json!({"maxWaitMs": 100, "forgottenTopicsData": forgotten}),
    )?;
    m.fetch(cx, t.of(&[1]), json!({}))?;
    m.fetch(
        cx,
        t.of(&[1]),
        json!({"maxWaitMs": 100, "forgottenTopicsData": forgotten}),
    )?;
    Ok(())
}

fn forgotten_that_never_were(cx: &mut Context) -> Result<()> {
    let (mut m, t) = sharing(cx, 1, &[])?;
    let forgotten = json!([{"topicId": t.id, "partitions": [0, 9]}, {"topicId": "AAAAAAAAAAAAAAAAAAAABQ", "partitions": [0]}]);
    let fields = json!({"maxWaitMs": 100, "forgottenTopicsData": forgotten});
    m.fetch(cx, t.of(&[0]), fields.clone())?;
    m.fetch(cx, json!([]), fields)?;
    Ok(())
}

fn opened_again(cx: &mut Context) -> Result<()> {
    let (mut m, t) = sharing(cx, 2, &[])?;
    produce(cx, &t.name, 0, &["x"])?;
    m.fetch(cx, t.of(&[0]), json!({}))?;
    m.session = 0;
    m.fetch(cx, t.of(&[1]), quick())?;
    m.fetch(cx, json!([]), quick())?;
    m.acknowledge(cx, t.said(&[(0, 0, &[1])]), json!({}))?;
    Ok(())
}

fn unknown(cx: &mut Context) -> Result<()> {
    let (m, t) = sharing(cx, 1, &[])?;
    for session in [1, 5, -1, -2] {
        Sharer {
            session,
            ..m.clone()
        }
        .fetch(cx, t.of(&[0]), quick())?;
    }
    Ok(())
}

fn unknown_for_acknowledgements(cx: &mut Context) -> Result<()> {
    let (m, t) = sharing(cx, 1, &[])?;
    for session in [1, -1, -2] {
        Sharer {
            session,
            ..m.clone()
        }
        .acknowledge(cx, t.said(&[(0, 0, &[1])]), json!({}))?;
    }
    Ok(())
}

fn first_acknowledges(cx: &mut Context) -> Result<()> {
    let (mut m, t) = sharing(cx, 1, &[])?;
    m.fetch(cx, t.said(&[(0, 0, &[1])]), quick())?;
    m.fetch(cx, t.of(&[0]), quick())?;
    Ok(())
}

fn first_acknowledges_alone(cx: &mut Context) -> Result<()> {
    let (mut m, t) = sharing(cx, 1, &[])?;
    m.acknowledge(cx, t.said(&[(0, 0, &[1])]), json!({}))?;
    m.acknowledge(cx, json!([]), json!({}))?;
    Ok(())
}

fn opened(cx: &mut Context) -> Result<(Sharer, Shared)> {
    let (mut m, t) = sharing(cx, 1, &[])?;
    produce(cx, &t.name, 0, &["x", "y"])?;
    m.fetch(cx, t.of(&[0]), json!({}))?;
    Ok((m, t))
}

fn skipped_epoch(cx: &mut Context) -> Result<()> {
    let (mut m, t) = opened(cx)?;
    m.session += 1;
    m.fetch(cx, t.of(&[0]), quick())?;
    m.acknowledge(cx, t.said(&[(0, 0, &[1])]), json!({}))?;
    m.session -= 1;
    m.fetch(cx, t.of(&[0]), quick())?;
    Ok(())
}

fn old_epoch(cx: &mut Context) -> Result<()> {
    let (mut m, t) = opened(cx)?;
    for _ in 0..2 {
        m.fetch(cx, t.of(&[0]), quick())?;
    }
    m.session = 1;
    m.fetch(cx, t.of(&[0]), quick())?;
    m.acknowledge(cx, t.said(&[(0, 0, &[1])]), json!({}))?;
    Ok(())
}

fn last_epoch_acknowledged(cx: &mut Context) -> Result<()> {
    let (mut m, t) = opened(cx)?;
    m.acknowledge(cx, t.said(&[(0, 0, &[1])]), json!({}))?;
    m.session -= 1;
    m.acknowledge(cx, t.said(&[(1, 1, &[1])]), json!({}))?;
    m.session = 2;
    m.acknowledge(cx, t.said(&[(1, 1, &[1])]), json!({}))?;
    Ok(())
}

fn epoch_below_the_last(cx: &mut Context) -> Result<()> {
    let (mut m, t) = opened(cx)?;
    m.session = -2;
    m.fetch(cx, t.of(&[0]), quick())?;
    m.acknowledge(cx, t.said(&[(1, 1, &[1])]), json!({}))?;
    Ok(())
}

fn no_partitions(cx: &mut Context) -> Result<()> {
    let (mut m, _) = sharing(cx, 1, &[])?;
    m.fetch(cx, json!([]), quick())?;
    m.fetch(cx, json!([]), quick())?;
    Ok(())
}

fn close(cx: &mut Context) -> Result<()> {
    let (mut m, t) = opened(cx)?;
    m.session = -1;
    m.fetch(cx, json!([]), quick())?;
    m.session = 1;
    m.fetch(cx, t.of(&[0]), quick())?;
    Ok(())
}

fn close_with_acknowledgements(cx: &mut Context) -> Result<()> {
    let (mut m, t) = opened(cx)?;
    m.session = -1;
    m.fetch(cx, t.said(&[(0, 0, &[1])]), quick())?;
    m.session = 0;
    m.fetch(cx, t.of(&[0]), json!({}))?;
    Ok(())
}

fn close_by_an_acknowledgement(cx: &mut Context) -> Result<()> {
    let (mut m, t) = opened(cx)?;
    m.session = -1;
    m.acknowledge(cx, t.said(&[(0, 0, &[1])]), json!({}))?;
    m.session = 0;
    m.fetch(cx, t.of(&[0]), json!({}))?;
    Ok(())
}

/// What a session leaves behind goes to others at once.
fn close_releases(cx: &mut Context) -> Result<()> {
    let (mut m, t) = opened(cx)?;
    m.session = -1;
    m.acknowledge(cx, json!([]), json!({}))?;
    Sharer::new(&m.group, "n").fetch(cx, t.of(&[0]), json!({}))?;
    Ok(())
}

fn close_unknown(cx: &mut Context) -> Result<()> {
    let (mut m, _) = sharing(cx, 1, &[])?;
    m.session = -1;
    m.fetch(cx, json!([]), quick())?;
    m.acknowledge(cx, json!([]), json!({}))?;
    Ok(())
}

fn close_twice(cx: &mut Context) -> Result<()> {
    let (mut m, _) = opened(cx)?;
    m.session = -1;
    m.acknowledge(cx, json!([]), json!({}))?;
    m.acknowledge(cx, json!([]), json!({}))?;
    Ok(())
}

fn close_names_partitions(cx: &mut Context) -> Result<()> {
    let (mut m, t) = opened(cx)?;
    produce(cx, &t.name, 0, &["z"])?;
    m.session = -1;
    m.fetch(cx, t.of(&[0, 7]), quick())?;
    Ok(())
}

fn missing_names(cx: &mut Context) -> Result<()> {
    let (mut m, t) = sharing(cx, 1, &[])?;
    for field in ["groupId", "memberId"] {
        let mut fields = quick();
        fields[field] = Value::Null;
        m.fetch(cx, t.of(&[0]), fields)?;
        let mut fields = json!({});
        fields[field] = Value::Null;
        m.acknowledge(cx, t.of(&[0]), fields)?;
        m.session = 0;
    }
    Ok(())
}

fn empty_names(cx: &mut Context) -> Result<()> {
    let (mut m, t) = sharing(cx, 1, &[])?;
    for field in ["groupId", "memberId"] {
        let mut fields = json!({"maxWaitMs": 300});
        fields[field] = json!("");
        m.fetch(cx, t.of(&[0]), fields)?;
        m.session = 0;
    }
    Ok(())
}

fn long_member_id(cx: &mut Context) -> Result<()> {
    let (m, t) = sharing(cx, 1, &[])?;
    for length in [36, 37] {
        Sharer::new(&m.group, &"m".repeat(length)).fetch(cx, t.of(&[0]), quick())?;
    }
    Ok(())
}

fn another_connection(cx: &mut Context) -> Result<()> {
    let (mut m, t) = opened(cx)?;
    m.conn = cx.connect(1)?;
    m.acknowledge(cx, t.said(&[(0, 0, &[1])]), json!({}))?;
    m.fetch(cx, t.of(&[0]), quick())?;
    Ok(())
}

/// What a connection's sessions have acquired goes to others at once.
fn connection_closed(cx: &mut Context) -> Result<()> {
    let (mut m, t) = sharing(cx, 1, &[])?;
    produce(cx, &t.name, 0, &["x", "y"])?;
    m.conn = cx.connect(1)?;
    m.fetch(cx, t.of(&[0]), json!({}))?;
    cx.finish(m.conn)?;
    Sharer::new(&m.group, "n").fetch(cx, t.of(&[0]), json!({}))?;
    m.conn = Context::A;
    m.acknowledge(cx, t.said(&[(0, 0, &[1])]), json!({}))?;
    Ok(())
}

/// A session is of the connection that opened it.
fn connection_closed_of_another(cx: &mut Context) -> Result<()> {
    let (mut m, t) = opened(cx)?;
    m.conn = cx.connect(1)?;
    m.fetch(cx, t.of(&[0]), quick())?;
    cx.finish(m.conn)?;
    m.conn = Context::A;
    m.acknowledge(cx, t.said(&[(0, 0, &[1])]), json!({}))?;
    Ok(())
}

fn two_members_on_a_connection(cx: &mut Context) -> Result<()> {
    let (mut m, t) = opened(cx)?;
    let mut n = Sharer::new(&m.group, "n");
    n.fetch(cx, t.of(&[0]), quick())?;
    m.acknowledge(cx, t.said(&[(0, 0, &[1])]), json!({}))?;
    Ok(())
}

/// A session that goes on while a request of it waits.
fn waiting_meanwhile(cx: &mut Context) -> Result<()> {
    let (mut m, _) = opened(cx)?;
    let b = cx.connect(1)?;
    let body = m.fetch_body(json!([]), json!({"maxWaitMs": 1500}));
    cx.send_on(b, "ShareFetch", 2, body)?;
    cx.expect_silence(b, std::time::Duration::from_millis(300))?;
    m.session += 1;
    m.acknowledge(cx, json!([]), json!({}))?;
    cx.receive_on(b)?;
    Ok(())
}

fn limit(cx: &mut Context) -> Result<()> {
    let (m, t) = sharing(cx, 1, &[])?;
    cx.quietly(|cx| {
        for number in 0..40 {
            Sharer::new(&m.group, &format!("m{number}")).fetch(
                cx,
                t.of(&[0]),
                json!({"maxWaitMs": 0}),
            )?;
        }
        Ok(())
    })?;
    Sharer::new(&m.group, "late").fetch(cx, t.of(&[0]), json!({"maxWaitMs": 500}))?;
    cx.quietly(|cx| {
        for number in 0..40 {
            let mut closing = Sharer::new(&m.group, &format!("m{number}"));
            closing.session = -1;
            closing.acknowledge(cx, json!([]), json!({}))?;
        }
        Ok(())
    })?;
    Ok(())
}
