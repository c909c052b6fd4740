//! The state of share partitions, as leaders of partitions ask for it (keys 83 to 87).

use anyhow::Result;
use serde_json::{Value, json};

use super::members::sharing;
use crate::case::{Area, cases};
use crate::context::Context;
use crate::coordinator_records::CoordinatorTopic::Shares;
use crate::profile::Profile;

pub(super) fn area() -> Area {
    Area::new("share_state")
        .on(Profile::Shares)
        .cases_at(0..=1, cases![write, summary])
        .cases(cases![
            initialize,
            initialize_again,
            initialize_with_a_smaller_epoch,
            initialize_with_a_greater_epoch,
            initialize_negative,
            initialize_at_minus_one,
            unknown_topic,
            unknown_partition,
            empty_group,
            nothing,
            read_uninitialized,
            read_with_a_leader_epoch,
            read_with_an_old_leader_epoch,
            write_uninitialized,
            write_with_an_old_state_epoch,
            write_with_a_newer_state_epoch,
            write_with_an_old_leader_epoch,
            write_start_only,
            write_nothing,
            write_batches_that_merge,
            write_batches_that_overlap,
            write_odd_batches,
            write_past_the_start,
            summary_uninitialized,
            delete,
            delete_uninitialized,
            several_partitions,
            partition_twice,
            records,
        ])
}

/// A group and a topic, by its id.
fn place(cx: &mut Context) -> Result<(String, String)> {
    // The topic of states is there.
    cx.quietly(|cx| sharing(cx, 1, &[]))?;
    let group = cx.group("s")?;
    let name = cx.create_topic("u", 2)?;
    let id = cx.topic_id(&name)?;
    let rows = json!([{"partition": 0, "leaderEpoch": -1}]);
    let topics = json!([{"topicId": id, "partitions": rows}]);
    let body = json!({"groupId": "nobody", "topics": topics});
    cx.until("the topic at the coordinator", |cx| {
        let answer = cx.call("ReadShareGroupStateSummary", 1, body.clone())?;
        Ok(answer["results"][0]["partitions"][0]["errorCode"] != 3)
    })?;
    Ok((group, id))
}

fn ask(
    cx: &mut Context,
    (api, version): (&str, i16),
    (group, topic): &(String, String),
    partitions: Value,
) -> Result<Value> {
    let topics = json!([{"topicId": topic, "partitions": partitions}]);
    cx.call(api, version, json!({"groupId": group, "topics": topics}))
}

type Place = (String, String);

fn begin(cx: &mut Context, at: &Place, epoch: i32, start: i64) -> Result<()> {
    let rows = json!([{"partition": 0, "stateEpoch": epoch, "startOffset": start}]);
    ask(cx, ("InitializeShareGroupState", 0), at, rows)?;
    Ok(())
}

fn read(cx: &mut Context, at: &Place) -> Result<()> {
    read_as(cx, at, 0)
}

fn read_as(cx: &mut Context, at: &Place, leader_epoch: i32) -> Result<()> {
    let rows = json!([{"partition": 0, "leaderEpoch": leader_epoch}]);
    ask(cx, ("ReadShareGroupState", 0), at, rows)?;
    Ok(())
}

/// A batch: first, last, state, deliveries.
type Batch = (i64, i64, i8, i16);

fn said(epochs: (i32, i32), start: i64, batches: &[Batch]) -> Value {
    let batches = batches.iter().map(|(first, last, state, count)| {
        json!({"firstOffset": first, "lastOffset": last, "deliveryState": state, "deliveryCount": count})
    });
    json!([{"partition": 0, "stateEpoch": epochs.0, "leaderEpoch": epochs.1, "startOffset": start,
        "deliveryCompleteCount": 3, "stateBatches": batches.collect::<Vec<_>>()}])
}

fn wrote(cx: &mut Context, at: &Place, rows: Value) -> Result<()> {
    ask(cx, ("WriteShareGroupState", 1), at, rows)?;
    Ok(())
}

fn summed(cx: &mut Context, at: &Place, version: i16) -> Result<()> {
    let rows = json!([{"partition": 0, "leaderEpoch": -1}]);
    ask(cx, ("ReadShareGroupStateSummary", version), at, rows)?;
    Ok(())
}

fn dropped(cx: &mut Context, at: &Place) -> Result<()> {
    ask(
        cx,
        ("DeleteShareGroupState", 0),
        at,
        json!([{"partition": 0}]),
    )?;
    Ok(())
}

/// Everything there is, of this place.
fn all(cx: &mut Context, at: &Place) -> Result<()> {
    begin(cx, at, 1, 0)?;
    read(cx, at)?;
    wrote(cx, at, said((1, 0), 0, &[]))?;
    summed(cx, at, 1)?;
    dropped(cx, at)
}

fn write(cx: &mut Context, version: i16) -> Result<()> {
    let at = place(cx)?;
    begin(cx, &at, 1, 0)?;
    let rows = said((1, 0), 0, &[(0, 4, 2, 1), (5, 6, 0, 2)]);
    ask(cx, ("WriteShareGroupState", version), &at, rows)?;
    read(cx, &at)?;
    summed(cx, &at, 1)
}

fn summary(cx: &mut Context, version: i16) -> Result<()> {
    let at = place(cx)?;
    begin(cx, &at, 1, 5)?;
    summed(cx, &at, version)?;
    wrote(cx, &at, said((1, 3), 7, &[(7, 9, 0, 1)]))?;
    summed(cx, &at, version)
}

fn initialize(cx: &mut Context) -> Result<()> {
    let at = place(cx)?;
    begin(cx, &at, 2, 17)?;
    read(cx, &at)
}

fn initialize_again(cx: &mut Context) -> Result<()> {
    let at = place(cx)?;
    begin(cx, &at, 2, 17)?;
    wrote(cx, &at, said((2, 0), 17, &[(17, 19, 2, 1)]))?;
    begin(cx, &at, 2, 18)?;
    read(cx, &at)
}

fn initialize_with_a_smaller_epoch(cx: &mut Context) -> Result<()> {
    let at = place(cx)?;
    begin(cx, &at, 2, 17)?;
    begin(cx, &at, 1, 18)?;
    read(cx, &at)
}

fn initialize_with_a_greater_epoch(cx: &mut Context) -> Result<()> {
    let at = place(cx)?;
    begin(cx, &at, 2, 17)?;
    wrote(cx, &at, said((2, 4), 17, &[(17, 19, 2, 1)]))?;
    begin(cx, &at, 3, 20)?;
    read(cx, &at)?;
    summed(cx, &at, 1)
}

fn initialize_negative(cx: &mut Context) -> Result<()> {
    let at = place(cx)?;
    for (epoch, start) in [(-1, 0), (0, -2), (-5, -1)] {
        begin(cx, &at, epoch, start)?;
        read(cx, &at)?;
    }
    Ok(())
}

fn initialize_at_minus_one(cx: &mut Context) -> Result<()> {
    let at = place(cx)?;
    begin(cx, &at, 0, -1)?;
    read(cx, &at)?;
    summed(cx, &at, 1)
}

fn unknown_topic(cx: &mut Context) -> Result<()> {
    let (group, _) = place(cx)?;
    all(cx, &(group, "AAAAAAAAAAAAAAAAAAAABQ".to_owned()))
}

fn unknown_partition(cx: &mut Context) -> Result<()> {
    let at = place(cx)?;
    for partition in [7, -1] {
        let row = json!([{"partition": partition, "stateEpoch": 1, "startOffset": 0}]);
        ask(cx, ("InitializeShareGroupState", 0), &at, row)?;
        let row = json!([{"partition": partition, "leaderEpoch": 0}]);
        ask(cx, ("ReadShareGroupState", 0), &at, row.clone())?;
        ask(cx, ("ReadShareGroupStateSummary", 1), &at, row)?;
        let mut row = said((1, 0), 0, &[]);
        row[0]["partition"] = json!(partition);
        wrote(cx, &at, row)?;
        ask(
            cx,
            ("DeleteShareGroupState", 0),
            &at,
            json!([{"partition": partition}]),
        )?;
    }
    Ok(())
}

fn empty_group(cx: &mut Context) -> Result<()> {
    let (_, topic) = place(cx)?;
    all(cx, &(String::new(), topic))
}

fn nothing(cx: &mut Context) -> Result<()> {
    let at = place(cx)?;
    for (api, version) in [
        ("InitializeShareGroupState", 0),
        ("ReadShareGroupState", 0),
        ("WriteShareGroupState", 1),
        ("DeleteShareGroupState", 0),
        ("ReadShareGroupStateSummary", 1),
    ] {
        ask(cx, (api, version), &at, json!([]))?;
        cx.call(api, version, json!({"groupId": at.0, "topics": []}))?;
    }
    Ok(())
}

fn read_uninitialized(cx: &mut Context) -> Result<()> {
    let at = place(cx)?;
    read(cx, &at)?;
    read_as(cx, &at, 3)
}

fn read_with_a_leader_epoch(cx: &mut Context) -> Result<()> {
    let at = place(cx)?;
    begin(cx, &at, 1, 0)?;
    read_as(cx, &at, 5)?;
    summed(cx, &at, 1)?;
    read_as(cx, &at, 5)?;
    cx.coordinator_records(Shares, &at.0)
}

fn read_with_an_old_leader_epoch(cx: &mut Context) -> Result<()> {
    let at = place(cx)?;
    begin(cx, &at, 1, 0)?;
    read_as(cx, &at, 5)?;
    read_as(cx, &at, 4)?;
    read_as(cx, &at, -1)
}

fn write_uninitialized(cx: &mut Context) -> Result<()> {
    let at = place(cx)?;
    wrote(cx, &at, said((1, 0), 0, &[(0, 1, 2, 1)]))?;
    read(cx, &at)
}

fn write_with_an_old_state_epoch(cx: &mut Context) -> Result<()> {
    let at = place(cx)?;
    begin(cx, &at, 2, 0)?;
    wrote(cx, &at, said((1, 0), 0, &[(0, 1, 2, 1)]))?;
    read(cx, &at)
}

fn write_with_a_newer_state_epoch(cx: &mut Context) -> Result<()> {
    let at = place(cx)?;
    begin(cx, &at, 2, 0)?;
    wrote(cx, &at, said((3, 0), 0, &[(0, 1, 2, 1)]))?;
    read(cx, &at)
}

fn write_with_an_old_leader_epoch(cx: &mut Context) -> Result<()> {
    let at = place(cx)?;
    begin(cx, &at, 1, 0)?;
    wrote(cx, &at, said((1, 4), 0, &[(0, 1, 2, 1)]))?;
    wrote(cx, &at, said((1, 3), 0, &[(0, 1, 0, 1)]))?;
    wrote(cx, &at, said((1, -1), 0, &[(0, 1, 0, 1)]))?;
    read(cx, &at)
}

fn write_start_only(cx: &mut Context) -> Result<()> {
    let at = place(cx)?;
    begin(cx, &at, 1, 0)?;
    wrote(cx, &at, said((1, 0), 0, &[(0, 3, 0, 1), (4, 5, 2, 1)]))?;
    wrote(cx, &at, said((1, 0), 2, &[]))?;
    read(cx, &at)?;
    wrote(cx, &at, said((1, 0), 6, &[]))?;
    read(cx, &at)?;
    wrote(cx, &at, said((1, 0), 1, &[]))?;
    read(cx, &at)
}

fn write_nothing(cx: &mut Context) -> Result<()> {
    let at = place(cx)?;
    begin(cx, &at, 1, 3)?;
    wrote(cx, &at, said((1, 0), -1, &[]))?;
    read(cx, &at)?;
    wrote(cx, &at, said((-1, -1), -1, &[]))?;
    read(cx, &at)
}

fn write_batches_that_merge(cx: &mut Context) -> Result<()> {
    let at = place(cx)?;
    begin(cx, &at, 1, 0)?;
    wrote(
        cx,
        &at,
        said((1, 0), 0, &[(0, 1, 0, 1), (2, 3, 0, 1), (5, 6, 0, 1)]),
    )?;
    read(cx, &at)?;
    wrote(cx, &at, said((1, 0), 0, &[(4, 4, 0, 1)]))?;
    read(cx, &at)
}

fn write_batches_that_overlap(cx: &mut Context) -> Result<()> {
    let at = place(cx)?;
    begin(cx, &at, 1, 0)?;
    wrote(cx, &at, said((1, 0), 0, &[(0, 9, 0, 1)]))?;
    for batch in [
        (2, 3, 2, 1),
        (5, 12, 0, 2),
        (0, 0, 0, 0),
        (8, 8, 4, 2),
        (2, 3, 0, 1),
    ] {
        wrote(cx, &at, said((1, 0), 0, &[batch]))?;
        read(cx, &at)?;
    }
    Ok(())
}

fn write_odd_batches(cx: &mut Context) -> Result<()> {
    let at = place(cx)?;
    begin(cx, &at, 1, 0)?;
    for batch in [
        (3, 2, 2, 1),
        (-2, -1, 2, 1),
        (0, 1, 9, 1),
        (0, 1, -1, 1),
        (0, 1, 2, -1),
        (0, 1, 1, 1),
    ] {
        wrote(cx, &at, said((1, 0), 0, &[batch]))?;
        read(cx, &at)?;
    }
    Ok(())
}

fn write_past_the_start(cx: &mut Context) -> Result<()> {
    let at = place(cx)?;
    begin(cx, &at, 1, 0)?;
    wrote(cx, &at, said((1, 0), 5, &[(0, 9, 2, 1)]))?;
    read(cx, &at)
}

fn summary_uninitialized(cx: &mut Context) -> Result<()> {
    let at = place(cx)?;
    summed(cx, &at, 1)
}

fn delete(cx: &mut Context) -> Result<()> {
    let at = place(cx)?;
    begin(cx, &at, 1, 0)?;
    dropped(cx, &at)?;
    read(cx, &at)?;
    dropped(cx, &at)?;
    begin(cx, &at, 0, 3)?;
    read(cx, &at)
}

fn delete_uninitialized(cx: &mut Context) -> Result<()> {
    let at = place(cx)?;
    dropped(cx, &at)
}

fn several_partitions(cx: &mut Context) -> Result<()> {
    let at = place(cx)?;
    let rows = json!([{"partition": 1, "stateEpoch": 1, "startOffset": 3}, {"partition": 0, "stateEpoch": 1, "startOffset": 4}]);
    ask(cx, ("InitializeShareGroupState", 0), &at, rows)?;
    let rows = json!([{"partition": 0, "leaderEpoch": -1}, {"partition": 1, "leaderEpoch": -1}, {"partition": 2, "leaderEpoch": -1}]);
    ask(cx, ("ReadShareGroupState", 0), &at, rows.clone())?;
    ask(cx, ("ReadShareGroupStateSummary", 1), &at, rows)?;
    Ok(())
}

fn partition_twice(cx: &mut Context) -> Result<()> {
    let at = place(cx)?;
    let rows = json!([{"partition": 0, "stateEpoch": 1, "startOffset": 3}, {"partition": 0, "stateEpoch": 1, "startOffset": 4}]);
    ask(cx, ("InitializeShareGroupState", 0), &at, rows)?;
    read(cx, &at)
}

fn records(cx: &mut Context) -> Result<()> {
    let at = place(cx)?;
    begin(cx, &at, 1, 0)?;
    for offset in 0..5 {
        wrote(cx, &at, said((1, 0), 0, &[(2 * offset, 2 * offset, 2, 1)]))?;
    }
    wrote(cx, &at, said((1, 2), -1, &[(1, 1, 2, 1)]))?;
    dropped(cx, &at)?;
    cx.coordinator_records(Shares, &at.0)
}
