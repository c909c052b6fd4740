//! ApiVersions (key 18), v0–v5: the one request that may come at a version nobody knows.

use anyhow::Result;
use serde_json::json;

use crate::case::{Area, cases};
use crate::context::{Conn, Context};
use crate::profile::Profile;

pub(super) fn area() -> Area {
    Area::new("api_versions")
        .cases(cases![advertised])
        .cases_at(0..=5, cases![answer])
        .cases(cases![keys])
        .cases_on(Profile::Three, cases![keys_of_every_node])
        .cases_for([6, 7, 99, i16::MAX], cases![too_new])
        .case("negative_version", |cx| too_new(cx, -1))
        .cases(cases![software_names, software_versions])
        .case("software_is_not_looked_at_before_3", answer_with_junk)
        .cases(cases![twice_on_one_connection, after_other_requests])
        .case("cluster_id_of_this_cluster", |cx| {
            bootstrap_check(cx, true, 1)
        })
        .case("cluster_id_of_another_cluster", |cx| {
            bootstrap_check(cx, false, 1)
        })
        .case("node_id_of_another_node", |cx| {
            bootstrap_check(cx, true, 99)
        })
        .cases(cases![node_id_without_cluster_id])
        .case("cluster_id_without_node_id", |cx| {
            bootstrap_check(cx, true, -1)
        })
}

/// The APIs that this suite speaks of.
const SPOKEN_OF: [&str; 34] = [
    "Produce",
    "Fetch",
    "ListOffsets",
    "Metadata",
    "FindCoordinator",
    "ApiVersions",
    "CreateTopics",
    "DeleteTopics",
    "DeleteRecords",
    "InitProducerId",
    "OffsetForLeaderEpoch",
    "DescribeConfigs",
    "AlterConfigs",
    "DescribeLogDirs",
    "CreatePartitions",
    "ElectLeaders",
    "IncrementalAlterConfigs",
    "AlterPartitionReassignments",
    "ListPartitionReassignments",
    "DescribeQuorum",
    "UpdateFeatures",
    "DescribeCluster",
    "DescribeProducers",
    "ListConfigResources",
    "DescribeTopicPartitions",
    "GetTelemetrySubscriptions",
    "PushTelemetry",
    "AddPartitionsToTxn",
    "AddOffsetsToTxn",
    "EndTxn",
    "WriteTxnMarkers",
    "TxnOffsetCommit",
    "DescribeTransactions",
    "ListTransactions",
];

fn advertised(cx: &mut Context) -> Result<()> {
    let answer = cx.ask(
        "ApiVersions",
        3,
        json!({"clientSoftwareName": "a", "clientSoftwareVersion": "1"}),
    )?;
    let rows = answer["apiKeys"].as_array().cloned().unwrap_or_default();
    for api in SPOKEN_OF {
        let key = crate::codec::schema::message(&format!("{api}Request"))?.api_key;
        match rows
            .iter()
            .find(|row| row["apiKey"].as_i64() == key.map(i64::from))
        {
            Some(row) => cx.note(&format!(
                "{api} {}-{}",
                row["minVersion"], row["maxVersion"]
            )),
            None => cx.note(&format!("{api} is not there")),
        }
    }
    Ok(())
}

/// Every request that is listed, at versions that show features or not.
fn keys(cx: &mut Context) -> Result<()> {
    for version in [0, 3, 5] {
        let conn = Context::A;
        list_keys(cx, conn, version)?;
    }
    Ok(())
}

fn keys_of_every_node(cx: &mut Context) -> Result<()> {
    for node in 1..=3 {
        let conn = cx.connect(node)?;
        list_keys(cx, conn, 4)?;
    }
    Ok(())
}

fn list_keys(cx: &mut Context, conn: Conn, version: i16) -> Result<()> {
    let body = json!({"clientSoftwareName": "a", "clientSoftwareVersion": "1"});
    let answer = cx.quietly(|cx| cx.call_on(conn, "ApiVersions", version, body))?;
    let rows = answer["apiKeys"].as_array().cloned().unwrap_or_default();
    let mut shown: Vec<_> = rows
        .iter()
        .map(|row| {
            (
                row["apiKey"].as_i64(),
                format!(
                    "{} {}-{}",
                    row["apiKey"], row["minVersion"], row["maxVersion"]
                ),
            )
        })
        .collect();
    shown.sort();
    let shown: Vec<_> = shown.into_iter().map(|(_, row)| row).collect();
    cx.note(&format!("v{version}: {}", shown.join(", ")));
    Ok(())
}

fn answer(cx: &mut Context, version: i16) -> Result<()> {
    cx.labels.hidden.push("apiKeys");
    cx.call(
        "ApiVersions",
        version,
        json!({"clientSoftwareName": "protocol-tests", "clientSoftwareVersion": "1.0"}),
    )?;
    Ok(())
}

fn too_new(cx: &mut Context, version: i16) -> Result<()> {
    cx.call(
        "ApiVersions",
        version,
        json!({"clientSoftwareName": "protocol-tests", "clientSoftwareVersion": "1.0"}),
    )?;
    cx.labels.hidden.push("apiKeys");
    cx.call("ApiVersions", 0, json!({}))?;
    Ok(())
}

fn software(cx: &mut Context, name: &str, version: &str) -> Result<()> {
    cx.labels.hidden = vec!["supportedFeatures", "finalizedFeatures"];
    let body = json!({"clientSoftwareName": name, "clientSoftwareVersion": version});
    let answer = cx.ask("ApiVersions", 3, body)?;
    let rows = answer["apiKeys"].as_array().map_or(0, Vec::len);
    let rows = if rows == 0 { "no rows" } else { "rows" };
    cx.note(&format!(
        "name {name:?}, version {version:?}: error {}, {rows}",
        answer["errorCode"]
    ));
    Ok(())
}

fn software_names(cx: &mut Context) -> Result<()> {
    for name in [
        "a", "a-b.c", "A1", "", " ", "-a", "a-", ".a", "a.", "a b", "a_b", "a/b", "ä", "a--b", "1",
    ] {
        software(cx, name, "1.0")?;
    }
    Ok(())
}

fn software_versions(cx: &mut Context) -> Result<()> {
    for version in ["1", "1.0-rc.1", "", "-1", "1-", "1 0", "v1", "1+2"] {
        software(cx, "a", version)?;
    }
    Ok(())
}

fn answer_with_junk(cx: &mut Context) -> Result<()> {
    let mut frame = cx.header(18, 2, false)?;
    frame.extend([255; 5]);
    cx.labels.hidden.push("apiKeys");
    cx.send_frame(Context::A, "ApiVersions v2 and five bytes more", &frame)?;
    cx.expect_answer(Context::A, "ApiVersions", 2)?;
    cx.receive_on(Context::A).map(drop)
}

fn twice_on_one_connection(cx: &mut Context) -> Result<()> {
    answer(cx, 3)?;
    answer(cx, 0)
}

fn after_other_requests(cx: &mut Context) -> Result<()> {
    cx.call("Metadata", 1, json!({"topics": []}))?;
    answer(cx, 4)
}

/// KIP-1242: a client that tells whom it means is told when it is wrong.
fn bootstrap_check(cx: &mut Context, right: bool, node: i64) -> Result<()> {
    let cluster = cx.ask("DescribeCluster", 0, json!({}))?["clusterId"].clone();
    let cluster = if right {
        cluster
    } else {
        json!("another-cluster-entirely")
    };
    let node = if node == 1 { cx.node(1)? } else { node };
    cx.labels.hidden.push("apiKeys");
    let body = json!({"clientSoftwareName": "a", "clientSoftwareVersion": "1", "clusterId": cluster, "nodeId": node});
    cx.call("ApiVersions", 5, body)?;
    Ok(())
}

fn node_id_without_cluster_id(cx: &mut Context) -> Result<()> {
    cx.labels.hidden.push("apiKeys");
    let node = cx.node(1)?;
    for node in [node, 99] {
        let body = json!({"clientSoftwareName": "a", "clientSoftwareVersion": "1", "nodeId": node});
        cx.call("ApiVersions", 5, body)?;
    }
    Ok(())
}
