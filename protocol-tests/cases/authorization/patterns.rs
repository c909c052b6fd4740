//! Which ACL decides: patterns, permissions, hosts and principals, asked about by Metadata and ListOffsets.

use anyhow::Result;
use serde_json::{Value, json};

use super::stage::{Stage, acl, add as add_acl, remove};
use crate::case::{Area, cases};
use crate::context::Context;

pub(super) fn add(area: Area) -> Area {
    area.cases(cases![
        literal,
        prefixed,
        wildcard,
        denied_before_allowed,
        denied_by_a_prefix,
        denied_by_the_wildcard,
        denied_describe_alone,
        all_operations,
        everybody,
        other_principals,
        hosts,
        revoked,
    ])
}

/// What the client may do to each topic.
fn look(cx: &mut Context, stage: &Stage) -> Result<()> {
    let names = [&stage.topic, &stage.other];
    let topics = names.map(|name| json!({"name": name}));
    let body = json!({"topics": topics, "allowAutoTopicCreation": false,
        "includeTopicAuthorizedOperations": true});
    cx.call_on(stage.client, "Metadata", 9, body)?;
    Ok(())
}

const DENY: i8 = 2;

fn denying(mut acl: Value) -> Value {
    acl["permissionType"] = json!(DENY);
    acl
}

fn with_all(cx: &mut Context, stage: &Stage, acls: &[Value]) -> Result<()> {
    look(cx, stage)?;
    for acl in acls {
        add_acl(cx, acl)?;
        cx.note(&format!(
            "ACL {} {} {} {} {} {}",
            acl["permissionType"],
            acl["operation"],
            acl["resourceType"],
            acl["resourcePatternType"],
            acl["resourceName"],
            acl["host"]
        ));
        look(cx, stage)?;
    }
    for acl in acls {
        remove(cx, acl)?;
    }
    Ok(())
}

/// What topics begin with that this case alone has.
fn beginning(stage: &Stage) -> String {
    // A name is `t-` and what is the case's own.
    stage.topic.clone()
}

fn literal(cx: &mut Context) -> Result<()> {
    let stage = Stage::set(cx)?;
    let principal = &stage.principal;
    let acls =
        [3, 4, 5, 6, 7, 8, 10, 11].map(|operation| acl(principal, (2, &stage.topic, 3), operation));
    with_all(cx, &stage, &acls)
}

fn prefixed(cx: &mut Context) -> Result<()> {
    let stage = Stage::set(cx)?;
    let principal = &stage.principal;
    let name = beginning(&stage);
    let acls = [
        acl(principal, (2, &name, 4), 3),
        acl(principal, (2, "u", 4), 4),
        acl(principal, (2, "u-x", 4), 6),
        acl(principal, (2, "*", 4), 7),
    ];
    with_all(cx, &stage, &acls)
}

fn wildcard(cx: &mut Context) -> Result<()> {
    let stage = Stage::set(cx)?;
    let principal = &stage.principal;
    let acls = [
        acl(principal, (2, "*", 3), 3),
        acl(principal, (3, "*", 3), 4),
    ];
    with_all(cx, &stage, &acls)
}

fn denied_before_allowed(cx: &mut Context) -> Result<()> {
    let stage = Stage::set(cx)?;
    let principal = &stage.principal;
    let topic = (2, stage.topic.as_str(), 3);
    let acls = [
        acl(principal, topic, 2),
        denying(acl(principal, topic, 4)),
        denying(acl(principal, topic, 2)),
    ];
    with_all(cx, &stage, &acls)
}

fn denied_by_a_prefix(cx: &mut Context) -> Result<()> {
    let stage = Stage::set(cx)?;
    let principal = &stage.principal;
    let acls = [
        acl(principal, (2, "*", 3), 2),
        denying(acl(principal, (2, "u-", 4), 3)),
        denying(acl(principal, (2, "u", 4), 8)),
    ];
    with_all(cx, &stage, &acls)
}

fn denied_by_the_wildcard(cx: &mut Context) -> Result<()> {
    let stage = Stage::set(cx)?;
    let principal = &stage.principal;
    let acls = [
        acl(principal, (2, &stage.topic, 3), 2),
        denying(acl(principal, (2, "*", 3), 4)),
    ];
    with_all(cx, &stage, &acls)
}

fn denied_describe_alone(cx: &mut Context) -> Result<()> {
    let stage = Stage::set(cx)?;
    let principal = &stage.principal;
    let topic = (2, stage.topic.as_str(), 3);
    let acls = [
        acl(principal, topic, 8),
        denying(acl(principal, topic, 3)),
        denying(acl(principal, topic, 8)),
    ];
    with_all(cx, &stage, &acls)
}

fn all_operations(cx: &mut Context) -> Result<()> {
    let stage = Stage::set(cx)?;
    let acls = [acl(&stage.principal, (2, &stage.topic, 3), 2)];
    with_all(cx, &stage, &acls)
}

fn everybody(cx: &mut Context) -> Result<()> {
    let stage = Stage::set(cx)?;
    let acls = [acl("User:*", (2, &stage.topic, 3), 3)];
    with_all(cx, &stage, &acls)
}

fn other_principals(cx: &mut Context) -> Result<()> {
    let stage = Stage::set(cx)?;
    let group = stage.principal.replace("User:", "Group:");
    let acls = [
        acl("User:nobody", (2, &stage.topic, 3), 3),
        acl(&group, (2, &stage.topic, 3), 3),
        acl(&stage.principal.to_uppercase(), (2, &stage.topic, 3), 3),
    ];
    with_all(cx, &stage, &acls)
}

fn hosts(cx: &mut Context) -> Result<()> {
    let stage = Stage::set(cx)?;
    let of_host = |operation: i8, host: &str| {
        let mut acl = acl(&stage.principal, (2, &stage.topic, 3), operation);
        acl["host"] = json!(host);
        acl
    };
    let acls = [
        of_host(3, "10.1.2.3"),
        of_host(4, "127.0.0.1"),
        of_host(6, "127.0.0.0/8"),
        of_host(7, "126.0.0.0/8"),
        of_host(5, "127.9.9.9/8"),
        of_host(10, "::/0"),
        of_host(11, "0.0.0.0/0"),
    ];
    with_all(cx, &stage, &acls)
}

fn revoked(cx: &mut Context) -> Result<()> {
    let stage = Stage::set(cx)?;
    let reading = acl(&stage.principal, (2, &stage.topic, 3), 3);
    add_acl(cx, &reading)?;
    look(cx, &stage)?;
    remove(cx, &reading)?;
    cx.note("the ACL is gone");
    look(cx, &stage)
}
