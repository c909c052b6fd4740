//! Answers about settings, quotas, users and features.

use std::collections::BTreeSet;

use anyhow::Result;
use serde_json::{Value, json};

use super::{create, names, spread};
use crate::case::{Area, cases};
use crate::context::Context;
use crate::profile::Profile;
use crate::quotas::{entity, op};

const COUNTS: [usize; 6] = [3, 5, 11, 13, 20, 40];

pub(in crate::cases) fn area() -> Area {
    Area::new("orders_of_admin")
        .cases_for(
            COUNTS,
            cases![
                alter_configs,
                incremental_alter_configs,
                describe_configs_of_unknown,
            ],
        )
        .cases(cases![describe_configs])
        .cases(cases![list_config_resources])
        .alone()
        .cases_for(COUNTS, cases![alter_quotas])
        .cases(cases![describe_quotas])
        .alone()
        .cases(cases![quotas_of_an_entity])
        .alone()
        .cases(cases![features, update_features])
        .cases_on(Profile::Three, cases![brokers])
        .cases_for(
            COUNTS,
            cases![alter_scram_credentials, describe_scram_credentials],
        )
}

fn alter_configs(cx: &mut Context, count: usize) -> Result<()> {
    cx.labels.exact_order = true;
    let row = |name: &String| json!({"resourceType": 2, "resourceName": name, "configs": []});
    let rows: Value = names("none", count).iter().map(row).collect();
    cx.call(
        "AlterConfigs",
        2,
        json!({"resources": rows, "validateOnly": true}),
    )?;
    Ok(())
}

fn incremental_alter_configs(cx: &mut Context, count: usize) -> Result<()> {
    cx.labels.exact_order = true;
    let config = json!({"name": "retention.ms", "configOperation": 0, "value": "1000"});
    let row = |(k, name): (usize, &String)| match k % 3 {
        1 => {
            json!({"resourceType": 16, "resourceName": name, "configs": [{"name": "interval.ms", "configOperation": 0, "value": "x"}]})
        }
        _ => json!({"resourceType": 2, "resourceName": name, "configs": [config]}),
    };
    let rows: Value = names("none", count).iter().enumerate().map(row).collect();
    cx.call(
        "IncrementalAlterConfigs",
        1,
        json!({"resources": rows, "validateOnly": true}),
    )?;
    Ok(())
}

fn describe_configs_of_unknown(cx: &mut Context, count: usize) -> Result<()> {
    cx.labels.exact_order = true;
    let row = |name: &String| json!({"resourceType": 2, "resourceName": name, "configurationKeys": ["retention.ms"]});
    let rows: Value = names("none", count).iter().map(row).collect();
    cx.call("DescribeConfigs", 4, json!({"resources": rows}))?;
    Ok(())
}

fn describe_configs(cx: &mut Context) -> Result<()> {
    let topics = names("orders-configs", 6);
    create(cx, &topics, 1)?;
    let keys = [
        "segment.ms",
        "retention.ms",
        "none",
        "cleanup.policy",
        "compression.type",
        "min.insync.replicas",
    ];
    let row =
        |name: &String| json!({"resourceType": 2, "resourceName": name, "configurationKeys": keys});
    let rows: Value = topics.iter().map(row).collect();
    cx.call("DescribeConfigs", 4, json!({"resources": rows}))?;
    Ok(())
}

/// Names with buckets of their own: Kafka puts in what is set at once in any order.
fn resources() -> Vec<String> {
    let mut seen = BTreeSet::new();
    let mut names = names("orders-resource", 20);
    names.retain(|name| seen.insert(spread(name) % 16));
    names
}

/// Subscriptions of clients' metrics, and groups with settings.
fn list_config_resources(cx: &mut Context) -> Result<()> {
    cx.labels.exact_order = true;
    for count in [3, 8] {
        let metrics = |name: &String| {
            let config = json!({"name": "interval.ms", "configOperation": 0, "value": "1000"});
            json!({"resourceType": 16, "resourceName": name, "configs": [config]})
        };
        let group = |name: &String| {
            let config = json!({"name": "consumer.session.timeout.ms", "configOperation": 0, "value": "50000"});
            json!({"resourceType": 32, "resourceName": name, "configs": [config]})
        };
        let names = &resources()[..count];
        let rows: Vec<Value> = names
            .iter()
            .map(metrics)
            .chain(names.iter().map(group))
            .collect();
        let answer = cx.ask("IncrementalAlterConfigs", 1, json!({"resources": rows}))?;
        anyhow::ensure!(answer["responses"][0]["errorCode"] == 0, "{answer}");
        let listed = |cx: &mut Context, kind: i8| {
            cx.call("ListConfigResources", 1, json!({"resourceTypes": [kind]}))
        };
        cx.until("all are listed", |cx| {
            let metrics = listed(cx, 16)?["configResources"]
                .as_array()
                .map_or(0, Vec::len);
            let groups = listed(cx, 32)?["configResources"]
                .as_array()
                .map_or(0, Vec::len);
            Ok(metrics == count && groups == count)
        })?;
        listed(cx, 16)?;
        listed(cx, 32)?;
    }
    let metrics = |name: &String| {
        let config = json!({"name": "interval.ms", "configOperation": 1});
        json!({"resourceType": 16, "resourceName": name, "configs": [config]})
    };
    let group = |name: &String| {
        let config = json!({"name": "consumer.session.timeout.ms", "configOperation": 1});
        json!({"resourceType": 32, "resourceName": name, "configs": [config]})
    };
    let names = resources();
    let rows: Vec<Value> = names
        .iter()
        .map(metrics)
        .chain(names.iter().map(group))
        .collect();
    cx.ask("IncrementalAlterConfigs", 1, json!({"resources": rows}))?;
    cx.until("none is left", |cx| {
        let left = cx.call("ListConfigResources", 1, json!({"resourceTypes": [16, 32]}))?;
        Ok(left["configResources"].as_array().map_or(0, Vec::len) == 0)
    })
}

fn entities(count: usize) -> Vec<Value> {
    let names = names("orders-quota", count);
    let each = names.iter().enumerate().map(|(k, name)| match k % 4 {
        0 => entity(&[("user", Some(name))]),
        1 => entity(&[("client-id", Some(name))]),
        2 => entity(&[("client-id", Some(name)), ("user", Some(name))]),
        _ => entity(&[("user", Some(name)), ("client-id", None)]),
    });
    each.collect()
}

fn alter_quotas(cx: &mut Context, count: usize) -> Result<()> {
    cx.labels.exact_order = true;
    let row =
        |entity: &Value| json!({"entity": entity, "ops": [op("producer_byte_rate", Some(1e6))]});
    let rows: Value = entities(count).iter().map(row).collect();
    cx.alter_quotas(1, &rows, true)?;
    Ok(())
}

fn describe_quotas(cx: &mut Context) -> Result<()> {
    cx.labels.exact_order = true;
    for count in [1, 2, 4, 6, 13, 20, 40] {
        for entity in entities(count) {
            let ops = [
                op("producer_byte_rate", Some(1e6)),
                op("consumer_byte_rate", Some(1e6)),
            ];
            cx.ask(
                "AlterClientQuotas",
                1,
                json!({"entries": [{"entity": entity, "ops": ops}]}),
            )?;
        }
        cx.await_quotas()?;
        cx.call(
            "DescribeClientQuotas",
            1,
            json!({"components": [], "strict": false}),
        )?;
        for (kinds, how) in [
            (["user"].as_slice(), 2),
            (&["client-id", "user"], 2),
            (&["client-id"], 1),
        ] {
            let row = |kind| json!({"entityType": kind, "matchType": how, "match": null});
            let rows: Vec<Value> = kinds.iter().map(row).collect();
            cx.call(
                "DescribeClientQuotas",
                1,
                json!({"components": rows, "strict": true}),
            )?;
        }
    }
    for entity in entities(40) {
        cx.remove_quotas(&entity)?;
    }
    cx.await_quotas()
}

fn quotas_of_an_entity(cx: &mut Context) -> Result<()> {
    cx.labels.exact_order = true;
    let own = entity(&[
        ("client-id", Some("orders-own")),
        ("user", Some("orders-own")),
    ]);
    let keys = [
        "controller_mutation_rate",
        "producer_byte_rate",
        "request_percentage",
        "consumer_byte_rate",
    ];
    for count in 1..=4 {
        let ops: Vec<_> = keys[..count]
            .iter()
            .map(|key| op(key, Some(5000.0)))
            .collect();
        cx.ask(
            "AlterClientQuotas",
            1,
            json!({"entries": [{"entity": own, "ops": ops}]}),
        )?;
        cx.await_quotas()?;
        cx.call(
            "DescribeClientQuotas",
            1,
            json!({"components": [], "strict": false}),
        )?;
    }
    cx.remove_quotas(&own)?;
    cx.await_quotas()
}

fn features(cx: &mut Context) -> Result<()> {
    cx.labels.exact_order = true;
    cx.labels.hidden.push("apiKeys");
    cx.call(
        "ApiVersions",
        4,
        json!({"clientSoftwareName": "a", "clientSoftwareVersion": "1"}),
    )?;
    Ok(())
}

fn update_features(cx: &mut Context) -> Result<()> {
    cx.labels.exact_order = true;
    let names = [
        "transaction.version",
        "group.version",
        "kraft.version",
        "share.version",
        "eligible.leader.replicas.version",
        "none",
        "streams.version",
    ];
    let row = |name: &&str| json!({"feature": name, "maxVersionLevel": 1, "upgradeType": 1});
    for count in 1..=names.len() {
        let rows: Value = names[..count].iter().map(row).collect();
        cx.call(
            "UpdateFeatures",
            1,
            json!({"featureUpdates": rows, "timeoutMs": 10_000, "validateOnly": true}),
        )?;
    }
    Ok(())
}

fn brokers(cx: &mut Context) -> Result<()> {
    cx.labels.exact_order = true;
    cx.labels.hidden.push("controllerId");
    cx.call("Metadata", 12, json!({"topics": []}))?;
    cx.call(
        "DescribeCluster",
        2,
        json!({"endpointType": 1, "includeFencedBrokers": true}),
    )?;
    Ok(())
}

fn alter_scram_credentials(cx: &mut Context, count: usize) -> Result<()> {
    cx.labels.exact_order = true;
    let row = |name: &String| json!({"name": name, "mechanism": 1});
    let deletions: Value = names("none", count).iter().map(row).collect();
    let row = |name: &String| json!({"name": name, "mechanism": 1, "iterations": 1, "salt": "00", "saltedPassword": "00"});
    let upsertions: Value = names("few", count / 3).iter().map(row).collect();
    cx.call(
        "AlterUserScramCredentials",
        0,
        json!({"deletions": deletions, "upsertions": upsertions}),
    )?;
    Ok(())
}

fn describe_scram_credentials(cx: &mut Context, count: usize) -> Result<()> {
    cx.labels.exact_order = true;
    let row = |name: &String| json!({"name": name});
    let users: Value = names("none", count).iter().map(row).collect();
    cx.call("DescribeUserScramCredentials", 0, json!({"users": users}))?;
    Ok(())
}
