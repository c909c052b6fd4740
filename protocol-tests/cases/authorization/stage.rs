//! A client of a case's own, and what there is for it to use.

use anyhow::{Context as _, Result, ensure};
use serde_json::{Value, json};

use crate::context::{Conn, Context};
use crate::profile::AUTHORIZED;
use crate::sasl::{Hash, Scram, Way};

/// The connection of somebody who may do everything.
pub(super) const ADMIN: Conn = Context::A;

/// The password of every client.
const PASSWORD: &str = "secret";
const ITERATIONS: u32 = 4096;
const SALT: &[u8] = b"salt";

/// A request, and what it takes.
#[derive(Clone, Copy)]
pub(super) struct Row {
    pub(super) name: &'static str,
    pub(super) api: &'static str,
    /// The first and the last.
    pub(super) versions: (i16, i16),
    pub(super) body: fn(&Stage, i16) -> Value,
    /// What is allowed one after the other.
    pub(super) grants: &'static [Grant],
}

/// One thing that the client is allowed.
#[derive(Debug, Clone, Copy)]
pub(super) enum Grant {
    Topic(Operation),
    /// The topic that is not there.
    Missing(Operation),
    Group(Operation),
    TransactionalId(Operation),
    Cluster(Operation),
}

#[derive(Debug, Clone, Copy)]
pub(super) enum Operation {
    All = 2,
    Read = 3,
    Write = 4,
    Create = 5,
    Delete = 6,
    Alter = 7,
    Describe = 8,
    ClusterAction = 9,
    DescribeConfigs = 10,
    AlterConfigs = 11,
    IdempotentWrite = 12,
}

/// What there is for the client to use.
pub(super) struct Stage {
    pub(super) client: Conn,
    pub(super) principal: String,
    /// What it may be allowed to use.
    pub(super) topic: String,
    pub(super) topic_id: String,
    /// What it may not.
    pub(super) other: String,
    pub(super) other_id: String,
    /// A topic that is not there.
    pub(super) missing: String,
    pub(super) group: String,
    pub(super) transactional_id: String,
}

impl Stage {
    /// Makes all of it.
    pub(super) fn set(cx: &mut Context) -> Result<Self> {
        let [admin, _] = AUTHORIZED;
        cx.log_in(ADMIN, admin)?;
        cx.labels.own_topics_only = true;
        let cluster = cx.ask("Metadata", 9, json!({"topics": []}))?["clusterId"].take();
        cx.labels
            .text(cluster.as_str().context("a cluster's id")?, "<cluster>");
        let topic = cx.create_topic("t", 1)?;
        let other = cx.create_topic("u", 1)?;
        let (topic_id, other_id) = (cx.topic_id(&topic)?, cx.topic_id(&other)?);
        let (missing, group, transactional_id) = (cx.topic("m"), cx.topic("g"), cx.topic("x"));
        cx.until("coordinators", |cx| {
            Ok(is_loaded(cx, 0, &group)? && is_loaded(cx, 1, &transactional_id)?)
        })?;
        cx.until("the topic of share states", has_share_states)?;
        // Nobody has seen what was asked to find that out.
        cx.labels.numbers.remove("producer");
        let (client, principal) = new_client(cx, "alice")?;
        Ok(Self {
            client,
            principal,
            topic,
            topic_id,
            other,
            other_id,
            missing,
            group,
            transactional_id,
        })
    }

    /// Waits until coordinators of groups know the topics.
    pub(super) fn await_topics(&self, cx: &mut Context) -> Result<()> {
        let scout = cx.topic("scout");
        cx.await_topic_in_group(&scout, &self.topic, 1)?;
        cx.await_topic_in_group(&scout, &self.other, 1)
    }

    /// Lets the client do something, and waits until that holds.
    pub(super) fn allow(&self, cx: &mut Context, grant: Grant) -> Result<()> {
        let (kind, name, operation) = match grant {
            Grant::Topic(operation) => (2, self.topic.as_str(), operation),
            Grant::Missing(operation) => (2, self.missing.as_str(), operation),
            Grant::Group(operation) => (3, self.group.as_str(), operation),
            Grant::TransactionalId(operation) => (5, self.transactional_id.as_str(), operation),
            Grant::Cluster(operation) => (4, "kafka-cluster", operation),
        };
        let text = format!("{operation:?}");
        let operation = operation as i8;
        let acl = acl(&self.principal, (kind, name, 3), operation);
        add(cx, &acl)?;
        let what = match grant {
            Grant::Cluster(_) => "the cluster".to_owned(),
            _ => name.to_owned(),
        };
        cx.note(&format!("alice may {text} {what}"));
        Ok(())
    }
}

/// Whether there is a share coordinator.
fn has_share_states(cx: &mut Context) -> Result<bool> {
    let place = "AAAAAAAAAAAAAAAAAAAAZQ";
    let body = json!({"keyType": 2, "coordinatorKeys": [format!("g:{place}:0")]});
    if cx.ask("FindCoordinator", 6, body)?["coordinators"][0]["errorCode"] != 0 {
        return Ok(false);
    }
    let rows = json!([{"topicId": place, "partitions": [{"partition": 0, "leaderEpoch": 0}]}]);
    let answer = cx.ask(
        "ReadShareGroupStateSummary",
        1,
        json!({"groupId": "g", "topics": rows}),
    )?;
    Ok(answer["results"][0]["partitions"][0]["errorCode"] == 3)
}

/// Whether the coordinator of a key has it.
fn is_loaded(cx: &mut Context, kind: i8, key: &str) -> Result<bool> {
    let body = json!({"keyType": kind, "coordinatorKeys": [key]});
    let found = cx.ask("FindCoordinator", 4, body)?;
    if found["coordinators"][0]["errorCode"] != 0 {
        return Ok(false);
    }
    let code = if kind == 0 {
        let body = json!({"groupId": key, "topics": null});
        cx.ask("OffsetFetch", 5, body)?["errorCode"].clone()
    } else {
        let body = json!({"transactionalIds": [key]});
        // It may also lack ids for producers.
        let producer = json!({"transactionalId": null, "transactionTimeoutMs": 60000});
        if cx.ask("InitProducerId", 4, producer)?["errorCode"] != 0 {
            return Ok(false);
        }
        let answer = cx.ask("DescribeTransactions", 0, body)?;
        answer["transactionStates"][0]["errorCode"].clone()
    };
    Ok(![14, 15, 16].contains(&code.as_i64().unwrap_or_default()))
}

/// Somebody new who has logged in, shown as `short`, and the connection.
pub(super) fn new_client(cx: &mut Context, short: &str) -> Result<(Conn, String)> {
    let name = cx.topic(short);
    let hash = Hash::Sha256;
    let salted = hash.salted_password(PASSWORD, SALT, ITERATIONS);
    let credential = json!({"name": name, "mechanism": hash.number(), "iterations": ITERATIONS,
        "salt": crate::codec::bytes::hex(SALT), "saltedPassword": crate::codec::bytes::hex(&salted)});
    let body = json!({"upsertions": [credential]});
    let made = cx.ask("AlterUserScramCredentials", 0, body)?;
    ensure!(
        made["results"][0]["errorCode"] == 0,
        "no credential: {made}"
    );
    let client = cx.connect(1)?;
    cx.until("a log-in", |cx| {
        let way = Way::Requests(1);
        cx.shake_hands(client, hash.mechanism(), way)?;
        let mut scram = Scram::new(hash, &name, PASSWORD);
        Ok(scram.begin(cx, client, way)? && scram.prove(cx, client, way)?)
    })?;
    Ok((client, format!("User:{name}")))
}

/// An ACL that allows; a resource is its type, name and pattern type.
pub(super) fn acl(principal: &str, (kind, name, pattern): (i8, &str, i8), operation: i8) -> Value {
    json!({"resourceType": kind, "resourceName": name, "resourcePatternType": pattern,
        "principal": principal, "host": "*", "operation": operation, "permissionType": 3})
}

/// The filter that means that ACL alone.
pub(super) fn filter(acl: &Value) -> Value {
    json!({"resourceTypeFilter": acl["resourceType"], "resourceNameFilter": acl["resourceName"],
        "patternTypeFilter": acl["resourcePatternType"], "principalFilter": acl["principal"],
        "hostFilter": acl["host"], "operation": acl["operation"], "permissionType": acl["permissionType"]})
}

/// Adds an ACL, and waits until it holds.
pub(super) fn add(cx: &mut Context, acl: &Value) -> Result<()> {
    let made = cx.ask("CreateAcls", 3, json!({"creations": [acl]}))?;
    ensure!(made["results"][0]["errorCode"] == 0, "no ACL: {made}");
    await_acl(cx, acl, true)
}

/// Takes an ACL away, and waits until it holds no more.
pub(super) fn remove(cx: &mut Context, acl: &Value) -> Result<()> {
    let gone = cx.ask("DeleteAcls", 3, json!({"filters": [filter(acl)]}))?;
    ensure!(
        gone["filterResults"][0]["errorCode"] == 0,
        "still there: {gone}"
    );
    await_acl(cx, acl, false)
}

/// Waits until the broker's authorizer knows an ACL, or knows it no more.
pub(super) fn await_acl(cx: &mut Context, acl: &Value, is_there: bool) -> Result<()> {
    cx.until("an ACL", |cx| {
        let found = cx.call("DescribeAcls", 3, filter(acl))?;
        let found = found["resources"].as_array().context("resources")?;
        Ok(found.is_empty() != is_there)
    })
}
