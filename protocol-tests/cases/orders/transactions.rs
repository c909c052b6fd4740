//! Answers about transactions.

use anyhow::Result;
use serde_json::{Value, json};

use super::{create, names};
use crate::case::{Area, cases};
use crate::context::Context;
use crate::coordinators::committed;
use crate::profile::Profile;
use crate::transactions::Producer;

pub(in crate::cases) fn area() -> Area {
    Area::new("orders_of_transactions")
        .cases(cases![describe])
        .versions("add_partitions_some_unknown", [3, 4, 5], add_partitions)
        .case("add_partitions", added)
        .case("add_partitions_verify", verify)
        .cases(cases![batch_of_ids, list])
        .case_on(Profile::Transactions, "list_of_one_partition", list)
        .cases(cases![txn_offset_commit, write_txn_markers])
}

fn all(names: &[String], partitions: &[i32]) -> Value {
    names
        .iter()
        .map(|name| json!({"name": name, "partitions": partitions}))
        .collect()
}

/// One transaction for each count of topics: a table grows.
fn describe(cx: &mut Context) -> Result<()> {
    let topics = names("orders-describe", 13);
    create(cx, &topics, 3)?;
    for count in [1, 2, 3, 4, 5] {
        let producer = Producer::new(cx, &format!("t{count}"))?;
        cx.quietly(|cx| producer.add_topics(cx, 3, all(&topics[..count], &[2, 0, 1])))?;
        producer.describe(cx)?;
        cx.quietly(|cx| producer.end(cx, 3, false))?;
    }
    Ok(())
}

fn in_version(producer: &Producer, version: i16, topics: &Value, verify: bool) -> Value {
    if version < 4 {
        return json!({"v3AndBelowTransactionalId": producer.transactional_id, "v3AndBelowProducerId": producer.id,
            "v3AndBelowProducerEpoch": producer.epoch, "v3AndBelowTopics": topics});
    }
    json!({"transactions": [{"transactionalId": producer.transactional_id, "producerId": producer.id,
        "producerEpoch": producer.epoch, "verifyOnly": verify, "topics": topics}]})
}

fn add_partitions(cx: &mut Context, version: i16) -> Result<()> {
    let topics = names("orders-add", 13);
    create(cx, &topics, 3)?;
    let producer = Producer::new(cx, "t")?;
    for count in [1, 2, 4, 5, 8, 13] {
        let mut some: Vec<String> = topics[..count].to_vec();
        for name in some.iter_mut().skip(1).step_by(3) {
            name.push_str("-none");
        }
        let topics = all(&some, &[2, 0, 7, 1]);
        cx.call(
            "AddPartitionsToTxn",
            version,
            in_version(&producer, version, &topics, false),
        )?;
    }
    Ok(())
}

fn added(cx: &mut Context) -> Result<()> {
    let topics = names("orders-added", 13);
    create(cx, &topics, 3)?;
    for version in [3, 4] {
        let producer = Producer::new(cx, &format!("t{version}"))?;
        for count in [1, 2, 5, 13] {
            let topics = all(&topics[..count], &[2, 0, 1]);
            cx.call(
                "AddPartitionsToTxn",
                version,
                in_version(&producer, version, &topics, false),
            )?;
        }
        cx.quietly(|cx| producer.end(cx, 3, false))?;
    }
    Ok(())
}

fn verify(cx: &mut Context) -> Result<()> {
    let topics = names("orders-verify", 13);
    create(cx, &topics, 3)?;
    let producer = Producer::new(cx, "t")?;
    cx.quietly(|cx| producer.add_topics(cx, 3, all(&topics[..3], &[0, 1])))?;
    for count in [1, 2, 5, 13] {
        let topics = all(&topics[..count], &[2, 0, 1]);
        cx.call(
            "AddPartitionsToTxn",
            4,
            in_version(&producer, 4, &topics, true),
        )?;
    }
    cx.quietly(|cx| producer.end(cx, 3, false))?;
    Ok(())
}

fn batch_of_ids(cx: &mut Context) -> Result<()> {
    let topics = names("orders-batch", 2);
    create(cx, &topics, 1)?;
    let mut rows = Vec::new();
    for id in names("none", 13) {
        cx.transaction_coordinator(&id)?;
        rows.push(
            json!({"transactionalId": id, "producerId": 7, "producerEpoch": 0, "verifyOnly": false,
            "topics": all(&topics, &[0])}),
        );
    }
    cx.call("AddPartitionsToTxn", 4, json!({"transactions": rows}))?;
    Ok(())
}

fn list(cx: &mut Context) -> Result<()> {
    cx.labels.exact_order = true;
    for name in names("orders-list", 20) {
        cx.labels.topic(&name, &name);
        cx.transaction_coordinator(&name)?;
        let body = json!({"transactionalId": name, "transactionTimeoutMs": 60_000});
        cx.ask("InitProducerId", 4, body)?;
    }
    cx.labels.own_topics_only = true;
    cx.labels.hidden.push("producerId");
    cx.call("ListTransactions", 0, json!({}))?;
    let ids = names("orders-list", 20);
    cx.labels.hidden.extend(["producerEpoch", "topics"]);
    cx.call("DescribeTransactions", 0, json!({"transactionalIds": ids}))?;
    Ok(())
}

fn txn_offset_commit(cx: &mut Context) -> Result<()> {
    let topics = names("orders-txn-offsets", 13);
    create(cx, &topics, 3)?;
    let group = cx.group("g")?;
    let producer = Producer::new(cx, "t")?;
    cx.quietly(|cx| producer.add_offsets(cx, 3, &group))?;
    for count in [1, 2, 5, 8, 13] {
        let row = |(k, name): (usize, &String)| {
            let name = if k % 3 == 1 {
                format!("{name}-none")
            } else {
                name.clone()
            };
            json!({"name": name, "partitions": [committed(2, 1), committed(0, 1), committed(7, 1), committed(1, 1)]})
        };
        let topics: Value = topics[..count].iter().enumerate().map(row).collect();
        producer.commit_offsets(cx, 3, &group, topics)?;
    }
    cx.quietly(|cx| producer.end(cx, 3, true))?;
    producer.settle(cx)?;
    cx.call("OffsetFetch", 7, json!({"groupId": group, "topics": null}))?;
    Ok(())
}

fn write_txn_markers(cx: &mut Context) -> Result<()> {
    let topics = names("orders-markers", 13);
    create(cx, &topics, 3)?;
    let producer = Producer::new(cx, "t")?;
    for count in [1, 2, 5, 8, 13] {
        let row = |(k, name): (usize, &String)| {
            let name = if k % 3 == 1 {
                format!("{name}-none")
            } else {
                name.clone()
            };
            json!({"name": name, "partitionIndexes": [2, 0, 7, 1]})
        };
        let topics: Value = topics[..count].iter().enumerate().map(row).collect();
        let marker = |id: i64| {
            json!({"producerId": id, "producerEpoch": producer.epoch, "transactionResult": false,
            "topics": topics, "coordinatorEpoch": 0, "transactionVersion": 2})
        };
        let markers = [900_001, 5, 900_016, 900_000].map(marker);
        cx.call("WriteTxnMarkers", 2, json!({"markers": markers}))?;
    }
    Ok(())
}
