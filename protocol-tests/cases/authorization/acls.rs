//! CreateAcls, DescribeAcls and DeleteAcls where brokers authorize.

use anyhow::Result;
use serde_json::{Value, json};

use super::Grant;
use super::stage::{Operation, Stage, acl, await_acl, filter};
use crate::case::{Area, cases};
use crate::context::Context;

pub(super) fn add(area: Area) -> Area {
    area.cases_at(1..=3, cases![create, describe, delete])
        .cases(cases![
            create_what_cannot_be,
            create_ranges_of_hosts,
            create_what_stands_for_several,
            create_twice,
            filters,
            delete_by_several_filters,
            filters_that_mean_nothing,
        ])
}

fn create(cx: &mut Context, version: i16) -> Result<()> {
    let stage = Stage::set(cx)?;
    let acl = acl(&stage.principal, (2, &stage.topic, 3), 3);
    let body = json!({"creations": [acl]});
    cx.call_on(stage.client, "CreateAcls", version, body.clone())?;
    stage.allow(cx, Grant::Cluster(Operation::Describe))?;
    cx.call_on(stage.client, "CreateAcls", version, body.clone())?;
    stage.allow(cx, Grant::Cluster(Operation::Alter))?;
    cx.call_on(stage.client, "CreateAcls", version, body)?;
    await_acl(cx, &acl, true)
}

fn describe(cx: &mut Context, version: i16) -> Result<()> {
    let stage = Stage::set(cx)?;
    let acl = acl(&stage.principal, (2, &stage.topic, 3), 3);
    super::stage::add(cx, &acl)?;
    cx.call_on(stage.client, "DescribeAcls", version, filter(&acl))?;
    stage.allow(cx, Grant::Cluster(Operation::Alter))?;
    cx.call_on(stage.client, "DescribeAcls", version, filter(&acl))?;
    Ok(())
}

fn delete(cx: &mut Context, version: i16) -> Result<()> {
    let stage = Stage::set(cx)?;
    let acl = acl(&stage.principal, (2, &stage.topic, 4), 3);
    super::stage::add(cx, &acl)?;
    let body = json!({"filters": [filter(&acl)]});
    cx.call_on(stage.client, "DeleteAcls", version, body.clone())?;
    stage.allow(cx, Grant::Cluster(Operation::Alter))?;
    cx.call_on(stage.client, "DeleteAcls", version, body.clone())?;
    await_acl(cx, &acl, false)?;
    cx.call_on(stage.client, "DeleteAcls", version, body)?;
    Ok(())
}

/// The ACL with one field changed.
fn with(acl: &Value, field: &str, value: Value) -> Value {
    let mut acl = acl.clone();
    acl[field] = value;
    acl
}

fn create_what_cannot_be(cx: &mut Context) -> Result<()> {
    let stage = Stage::set(cx)?;
    let good = acl(&stage.principal, (2, &stage.topic, 3), 3);
    let creations = [
        with(&good, "resourceName", json!("")),
        with(&good, "resourceType", json!(4)),
        with(&good, "resourceType", json!(99)),
        with(&good, "resourcePatternType", json!(99)),
        with(&good, "operation", json!(99)),
        with(&good, "permissionType", json!(99)),
        with(&good, "principal", json!("nobody")),
        with(&good, "principal", json!("")),
        with(&good, "host", json!("")),
    ];
    for creation in creations {
        cx.call("CreateAcls", 3, json!({"creations": [creation, good]}))?;
    }
    Ok(())
}

fn create_ranges_of_hosts(cx: &mut Context) -> Result<()> {
    let stage = Stage::set(cx)?;
    let good = acl(&stage.principal, (2, &stage.topic, 3), 3);
    for host in [
        "10.0.0.0/8",
        "10.1.2.3/33",
        "10.0.0/8",
        "10.0.0.256/8",
        "10.0.0.0/",
        "10.0.0.0/100",
        "10.0.0.0/08",
        "fe80::/10",
        "fe80::/129",
        "fe80::/x",
        "fe80::/+7",
        "::ffff:10.0.0.1/8",
        "/",
    ] {
        cx.note(&format!("host {}", host.replace('/', " slash ")));
        let creation = with(&good, "host", json!(host));
        cx.call("CreateAcls", 3, json!({"creations": [creation]}))?;
    }
    Ok(())
}

fn create_what_stands_for_several(cx: &mut Context) -> Result<()> {
    let stage = Stage::set(cx)?;
    let good = acl(&stage.principal, (2, &stage.topic, 3), 3);
    for (field, number) in [
        ("resourceType", 1),
        ("resourcePatternType", 1),
        ("resourcePatternType", 2),
        ("operation", 1),
        ("permissionType", 1),
    ] {
        let creation = with(&good, field, json!(number));
        cx.call("CreateAcls", 3, json!({"creations": [good, creation]}))?;
    }
    Ok(())
}

fn create_twice(cx: &mut Context) -> Result<()> {
    let stage = Stage::set(cx)?;
    let good = acl(&stage.principal, (2, &stage.topic, 3), 3);
    cx.call("CreateAcls", 3, json!({"creations": [good, good]}))?;
    await_acl(cx, &good, true)?;
    cx.call("CreateAcls", 3, json!({"creations": [good]}))?;
    cx.call("DescribeAcls", 3, filter(&good))?;
    Ok(())
}

/// Several ACLs of one principal, and the filter that means all of them.
fn several(cx: &mut Context) -> Result<(Stage, Value)> {
    let stage = Stage::set(cx)?;
    let topic = stage.topic.as_str();
    let acls = [
        acl(&stage.principal, (2, topic, 3), 3),
        acl(&stage.principal, (2, topic, 3), 4),
        with(
            &acl(&stage.principal, (2, topic, 3), 4),
            "permissionType",
            json!(2),
        ),
        acl(&stage.principal, (2, &topic[..3], 4), 3),
        acl(&stage.principal, (2, "*", 3), 8),
        acl(&stage.principal, (3, topic, 3), 3),
        with(
            &acl(&stage.principal, (3, topic, 3), 3),
            "host",
            json!("10.1.2.3"),
        ),
    ];
    for acl in acls {
        super::stage::add(cx, &acl)?;
    }
    let all = json!({"resourceTypeFilter": 1, "resourceNameFilter": null, "patternTypeFilter": 1,
        "principalFilter": stage.principal, "hostFilter": null, "operation": 1, "permissionType": 1});
    Ok((stage, all))
}

fn filters(cx: &mut Context) -> Result<()> {
    let (stage, all) = several(cx)?;
    let name = json!(stage.topic);
    let changes: [&[(&str, Value)]; 11] = [
        &[],
        &[("resourceTypeFilter", json!(2))],
        &[("resourceNameFilter", name.clone())],
        &[
            ("resourceNameFilter", name.clone()),
            ("patternTypeFilter", json!(2)),
        ],
        &[
            ("resourceNameFilter", name.clone()),
            ("patternTypeFilter", json!(3)),
        ],
        &[
            ("resourceNameFilter", name),
            ("patternTypeFilter", json!(4)),
        ],
        &[
            ("resourceNameFilter", json!("*")),
            ("patternTypeFilter", json!(2)),
        ],
        &[("patternTypeFilter", json!(4))],
        &[("operation", json!(3))],
        &[("permissionType", json!(2))],
        &[("hostFilter", json!("10.1.2.3"))],
    ];
    for change in changes {
        let mut filter = all.clone();
        for (field, value) in change {
            filter[*field] = value.clone();
        }
        cx.call("DescribeAcls", 3, filter)?;
    }
    Ok(())
}

fn delete_by_several_filters(cx: &mut Context) -> Result<()> {
    let (_, all) = several(cx)?;
    let mut reading = all.clone();
    reading["operation"] = json!(3);
    cx.call("DeleteAcls", 3, json!({"filters": [reading, all, reading]}))?;
    cx.until("no ACLs", |cx| {
        let found = cx.call("DescribeAcls", 3, all.clone())?;
        Ok(found["resources"] == json!([]))
    })?;
    cx.call("DeleteAcls", 3, json!({"filters": [all]}))?;
    cx.call("DeleteAcls", 3, json!({"filters": []}))?;
    Ok(())
}

fn filters_that_mean_nothing(cx: &mut Context) -> Result<()> {
    let (_, all) = several(cx)?;
    for field in [
        "resourceTypeFilter",
        "patternTypeFilter",
        "operation",
        "permissionType",
    ] {
        let mut filter = all.clone();
        filter[field] = json!(99);
        cx.call("DescribeAcls", 3, filter.clone())?;
        let mut none = all.clone();
        none["hostFilter"] = json!("nowhere");
        cx.call("DeleteAcls", 3, json!({"filters": [filter, none]}))?;
    }
    Ok(())
}
