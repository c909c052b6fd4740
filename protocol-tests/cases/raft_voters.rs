//! AddRaftVoter (key 80), v0–v1, and RemoveRaftVoter (key 81), v0 (KIP-853).

use anyhow::{Context as _, Result};
use serde_json::{Value, json};

use crate::case::{Area, cases};
use crate::context::Context;
use crate::profile::Profile;

/// A directory that no node has.
const NOBODY: &str = "c29tZXRoaW5nIHVua25vdw";
const ZERO: &str = "AAAAAAAAAAAAAAAAAAAAAA";

pub(super) fn area() -> Area {
    Area::new("raft_voters")
        .cases_at(
            0..=1,
            cases![
                add_who_votes_already,
                add_to_another_cluster,
                add_without_a_directory,
                add_a_negative_id,
                add_without_listeners,
                add_with_other_listeners,
                add_who_is_not_there,
                add_listener_twice,
            ],
        )
        .cases(cases![
            remove_who_does_not_vote,
            remove_the_last_voter,
            remove_from_another_cluster,
            remove_without_a_directory,
        ])
        .on(Profile::Three)
        .cases(cases![of_three])
        .on(Profile::Stopping)
        .cases(cases![remove_and_add])
        .alone()
}

/// The node's directory, which gets a name.
fn directory(cx: &mut Context, node: usize) -> Result<String> {
    let topics =
        json!([{"topicName": "__cluster_metadata", "partitions": [{"partitionIndex": 0}]}]);
    let answer = cx.ask("DescribeQuorum", 2, json!({"topics": topics}))?;
    let voters = answer["topics"][0]["partitions"][0]["currentVoters"].clone();
    for voter in voters.as_array().into_iter().flatten() {
        let id = voter["replicaDirectoryId"].as_str().context("an id")?;
        cx.labels
            .text(id, &format!("<directory {}>", voter["replicaId"]));
    }
    let voters = voters.as_array().context("voters")?;
    let id = cx.node(node)?;
    let voter = voters.iter().find(|voter| voter["replicaId"] == id);
    let id = voter.and_then(|voter| voter["replicaDirectoryId"].as_str());
    Ok(id.context("a voter")?.to_owned())
}

fn cluster_id(cx: &mut Context) -> Result<String> {
    let answer = cx.ask("Metadata", 4, json!({"topics": []}))?;
    Ok(answer["clusterId"].as_str().context("an id")?.to_owned())
}

fn listener(name: &str) -> Value {
    json!([{"name": name, "host": "127.0.0.1", "port": 9}])
}

fn add(cx: &mut Context, version: i16, id: i64, directory: &str, listeners: Value) -> Result<()> {
    let body = json!({"clusterId": null, "timeoutMs": 2000, "voterId": id, "voterDirectoryId": directory,
        "listeners": listeners});
    cx.call("AddRaftVoter", version, body)?;
    Ok(())
}

fn add_who_votes_already(cx: &mut Context, version: i16) -> Result<()> {
    let own = directory(cx, 1)?;
    add(cx, version, 1, &own, listener("CONTROLLER"))?;
    add(cx, version, 1, NOBODY, listener("CONTROLLER"))
}

fn add_to_another_cluster(cx: &mut Context, version: i16) -> Result<()> {
    let own = directory(cx, 1)?;
    for id in ["another", ""] {
        let body = json!({"clusterId": id, "timeoutMs": 2000, "voterId": 1, "voterDirectoryId": own,
            "listeners": listener("CONTROLLER")});
        cx.call("AddRaftVoter", version, body)?;
    }
    let own_cluster = cluster_id(cx)?;
    let body = json!({"clusterId": own_cluster, "timeoutMs": 2000, "voterId": 1, "voterDirectoryId": own,
        "listeners": listener("CONTROLLER")});
    cx.call("AddRaftVoter", version, body)?;
    Ok(())
}

fn add_without_a_directory(cx: &mut Context, version: i16) -> Result<()> {
    add(cx, version, 7, ZERO, listener("CONTROLLER"))?;
    add(cx, version, 1, ZERO, listener("CONTROLLER"))
}

fn add_a_negative_id(cx: &mut Context, version: i16) -> Result<()> {
    add(cx, version, -1, NOBODY, listener("CONTROLLER"))?;
    add(
        cx,
        version,
        i64::from(i32::MIN),
        NOBODY,
        listener("CONTROLLER"),
    )
}

fn add_without_listeners(cx: &mut Context, version: i16) -> Result<()> {
    add(cx, version, 7, NOBODY, json!([]))
}

fn add_with_other_listeners(cx: &mut Context, version: i16) -> Result<()> {
    let at = |name: &str, port: u16| json!({"name": name, "host": "127.0.0.1", "port": port});
    for listeners in [
        json!([at("PLAINTEXT", 9)]),
        json!([at("ctrl-x", 0)]),
        json!([at("A", 9), at("B", 65535)]),
        json!([
            at("B", 1),
            at("A", 2),
            at("a", 3),
            at("PLAINTEXT", 4),
            at("SASL_SSL", 5),
            at("CLIENTS", 6)
        ]),
    ] {
        add(cx, version, 7, NOBODY, listeners)?;
    }
    Ok(())
}

/// Names of listeners are compared without case; nobody listens there.
fn add_who_is_not_there(cx: &mut Context, version: i16) -> Result<()> {
    let id = 70 + i64::from(version);
    add(cx, version, id, NOBODY, listener("controller"))
}

fn add_listener_twice(cx: &mut Context, version: i16) -> Result<()> {
    let own = directory(cx, 1)?;
    let twice = json!([{"name": "CONTROLLER", "host": "127.0.0.1", "port": 9},
        {"name": "CONTROLLER", "host": "127.0.0.1", "port": 10}]);
    add(cx, version, 1, &own, twice)
}

fn remove(cx: &mut Context, cluster: Option<&str>, id: i64, directory: &str) -> Result<()> {
    let body = json!({"clusterId": cluster, "voterId": id, "voterDirectoryId": directory});
    cx.call("RemoveRaftVoter", 0, body)?;
    Ok(())
}

fn remove_who_does_not_vote(cx: &mut Context) -> Result<()> {
    let own = directory(cx, 1)?;
    remove(cx, None, 7, NOBODY)?;
    remove(cx, None, 1, NOBODY)?;
    remove(cx, None, 7, &own)
}

/// It stays.
fn remove_the_last_voter(cx: &mut Context) -> Result<()> {
    let own = directory(cx, 1)?;
    remove(cx, None, 1, &own)?;
    show(cx, "then", &[])?;
    Ok(())
}

fn remove_from_another_cluster(cx: &mut Context) -> Result<()> {
    remove(cx, Some("another"), 7, NOBODY)?;
    remove(cx, Some(""), 7, NOBODY)?;
    directory(cx, 1)?;
    let own = cluster_id(cx)?;
    remove(cx, Some(&own), 7, NOBODY)
}

fn remove_without_a_directory(cx: &mut Context) -> Result<()> {
    directory(cx, 1)?;
    remove(cx, None, 1, ZERO)?;
    remove(cx, None, 7, ZERO)?;
    remove(cx, None, -1, NOBODY)
}

fn of_three(cx: &mut Context) -> Result<()> {
    let two = directory(cx, 2)?;
    let own = cluster_id(cx)?;
    cx.labels.hidden.push("errorMessage");
    for node in 1..=3 {
        let conn = cx.connect(node)?;
        let body = json!({"clusterId": own, "timeoutMs": 2000, "voterId": 2, "voterDirectoryId": two,
            "listeners": listener("CONTROLLER")});
        cx.call_on(conn, "AddRaftVoter", 1, body)?;
        let body = json!({"clusterId": own, "voterId": 2, "voterDirectoryId": NOBODY});
        cx.call_on(conn, "RemoveRaftVoter", 0, body)?;
    }
    Ok(())
}

/// The quorum, its nodes by their part in what happens.
fn show(cx: &mut Context, what: &str, names: &[(i64, &str)]) -> Result<Value> {
    let topics =
        json!([{"topicName": "__cluster_metadata", "partitions": [{"partitionIndex": 0}]}]);
    let answer = cx.ask("DescribeQuorum", 2, json!({"topics": topics}))?;
    let row = answer["topics"][0]["partitions"][0].clone();
    let named = |rows: &Value, field: &str| {
        let ids = rows.as_array().into_iter().flatten();
        let mut shown: Vec<_> = ids
            .map(|row| {
                let id = row[field].as_i64().unwrap_or(-1);
                let name = names.iter().find(|(known, _)| *known == id);
                name.map_or_else(|| id.to_string(), |(_, name)| (*name).to_owned())
            })
            .collect();
        shown.sort();
        shown.join(", ")
    };
    cx.note(&format!(
        "{what}: voters {}; observers {}; nodes {}",
        named(&row["currentVoters"], "replicaId"),
        named(&row["observers"], "replicaId"),
        named(&answer["nodes"], "nodeId"),
    ));
    Ok(answer)
}

fn says(cx: &mut Context, api: &str, version: i16, body: Value) -> Result<()> {
    let answer = cx.ask(api, version, body)?;
    cx.note(&format!("{api}: error {}", answer["errorCode"]));
    Ok(())
}

fn remove_and_add(cx: &mut Context) -> Result<()> {
    directory(cx, 1)?;
    let answer = show(
        cx,
        "at first",
        &[(1, "a node"), (2, "a node"), (3, "a node")],
    )?;
    let row = &answer["topics"][0]["partitions"][0];
    let leader = row["leaderId"].as_i64().context("a leader")?;
    let others: Vec<i64> = (1..=3).filter(|id| *id != leader).collect();
    let names = [
        (leader, "the leader"),
        (others[0], "a follower"),
        (others[1], "the other"),
    ];
    let other = usize::try_from(others[1])?;
    let directory = directory(cx, other)?;
    let listeners = answer["nodes"].as_array().into_iter().flatten();
    let listeners = listeners
        .clone()
        .find(|node| node["nodeId"] == others[1])
        .context("a node")?["listeners"]
        .clone();
    let removal = json!({"clusterId": null, "voterId": others[1], "voterDirectoryId": directory});
    says(cx, "RemoveRaftVoter", 0, removal.clone())?;
    cx.until("an observer", |cx| {
        let answer = show(cx, "", &[])?;
        Ok(answer["topics"][0]["partitions"][0]["observers"] != json!([]))
    })?;
    show(cx, "removed", &names)?;
    cx.until("the voters have agreed", |cx| {
        let answer = cx.ask("RemoveRaftVoter", 0, removal.clone())?;
        Ok(answer["errorCode"] != 7)
    })?;
    says(cx, "RemoveRaftVoter", 0, removal)?;
    let metadata = cx.ask("Metadata", 4, json!({"topics": []}))?;
    let brokers = metadata["brokers"].as_array().map_or(0, Vec::len);
    cx.note(&format!("{brokers} brokers"));
    let addition = json!({"clusterId": null, "timeoutMs": 10000, "voterId": others[1], "voterDirectoryId": directory,
        "listeners": listeners});
    says(cx, "AddRaftVoter", 1, addition)?;
    cx.until("no observer", |cx| {
        let answer = show(cx, "", &[])?;
        Ok(answer["topics"][0]["partitions"][0]["observers"] == json!([]))
    })?;
    show(cx, "added", &names)?;
    Ok(())
}
