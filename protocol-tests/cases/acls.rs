//! DescribeAcls (key 29), CreateAcls (key 30) and DeleteAcls (key 31), v1–v3, on brokers without an authorizer.

use anyhow::Result;
use serde_json::{Value, json};

use crate::case::{Area, cases};
use crate::context::Context;
use crate::profile::{Profile, USERS};

/// Fields that no enumeration of Kafka's has a value of this number for, or 0, which stands for that.
const NUMBERS: &[(&str, i8)] = &[
    ("type", 0),
    ("type", 99),
    ("type", -1),
    ("pattern", 0),
    ("pattern", 99),
    ("pattern", 1),
    ("pattern", 2),
    ("pattern", 4),
    ("operation", 0),
    ("operation", 99),
    ("operation", 1),
    ("permission", 0),
    ("permission", 99),
    ("permission", 1),
];

pub(super) fn area() -> Area {
    let area = Area::new("acls")
        .cases_at(
            1..=3,
            cases![describe, describe_names, create, create_several],
        )
        .versions("create_none", 1..=3, |cx, version| {
            create_all(cx, version, &[])
        })
        .cases_at(1..=3, cases![create_odd_names, delete, delete_several])
        .versions("delete_none", 1..=3, |cx, version| {
            delete_all(cx, version, &[])
        });
    let area = ["DescribeAcls", "CreateAcls", "DeleteAcls"]
        .into_iter()
        .fold(area, |area, api| {
            area.with(&format!("numbers_in_{}", short(api)), api, numbers)
        });
    area.cases(cases![one_unknown_among_several])
        .cases_at([0], cases![below_the_first])
        .on(Profile::Three)
        .cases(cases![at_every_node])
        .on(Profile::Sasl)
        .cases(cases![with_users])
}

fn short(api: &str) -> &'static str {
    match api {
        "DescribeAcls" => "describe",
        "CreateAcls" => "create",
        _ => "delete",
    }
}

/// Everything there is.
fn any() -> Value {
    filter(1, None, 1)
}

fn filter(kind: i8, name: Option<&str>, pattern: i8) -> Value {
    json!({"resourceTypeFilter": kind, "resourceNameFilter": name, "patternTypeFilter": pattern,
        "principalFilter": null, "hostFilter": null, "operation": 1, "permissionType": 1})
}

fn acl(kind: i8, name: &str) -> Value {
    json!({"resourceType": kind, "resourceName": name, "resourcePatternType": 3, "principal": "User:alice",
        "host": "*", "operation": 3, "permissionType": 3})
}

fn describe(cx: &mut Context, version: i16) -> Result<()> {
    cx.call("DescribeAcls", version, any())?;
    Ok(())
}

fn describe_names(cx: &mut Context, version: i16) -> Result<()> {
    for body in [
        filter(2, Some("a"), 3),
        filter(2, Some(""), 4),
        filter(3, Some("*"), 2),
        json!({"resourceTypeFilter": 4, "resourceNameFilter": "kafka-cluster", "patternTypeFilter": 3,
            "principalFilter": "nobody", "hostFilter": "", "operation": 2, "permissionType": 2}),
    ] {
        cx.call("DescribeAcls", version, body)?;
    }
    Ok(())
}

fn create_all(cx: &mut Context, version: i16, acls: &[Value]) -> Result<()> {
    cx.call("CreateAcls", version, json!({"creations": acls}))?;
    Ok(())
}

fn delete_all(cx: &mut Context, version: i16, filters: &[Value]) -> Result<()> {
    cx.call("DeleteAcls", version, json!({"filters": filters}))?;
    Ok(())
}

fn create(cx: &mut Context, version: i16) -> Result<()> {
    create_all(cx, version, &[acl(2, "a")])?;
    describe(cx, version)
}

fn create_several(cx: &mut Context, version: i16) -> Result<()> {
    create_all(cx, version, &[acl(2, "a"), acl(3, "b"), acl(2, "a")])
}

fn create_odd_names(cx: &mut Context, version: i16) -> Result<()> {
    let mut nobody = acl(2, "a");
    nobody["principal"] = json!("nobody");
    let mut nowhere = acl(2, "a");
    nowhere["host"] = json!("");
    create_all(cx, version, &[acl(2, ""), acl(4, "a"), nobody, nowhere])
}

fn delete(cx: &mut Context, version: i16) -> Result<()> {
    delete_all(cx, version, &[any()])
}

fn delete_several(cx: &mut Context, version: i16) -> Result<()> {
    delete_all(
        cx,
        version,
        &[filter(2, Some("a"), 3), any(), filter(3, None, 2)],
    )
}

/// Asks with one field changed; the connection is a new one after each that was closed.
fn numbers(cx: &mut Context, api: &str) -> Result<()> {
    for (field, number) in NUMBERS {
        let mut body = if api == "CreateAcls" {
            acl(2, "a")
        } else {
            any()
        };
        let name = match (*field, api) {
            ("type", "CreateAcls") => "resourceType",
            ("type", _) => "resourceTypeFilter",
            ("pattern", "CreateAcls") => "resourcePatternType",
            ("pattern", _) => "patternTypeFilter",
            ("operation", _) => "operation",
            _ => "permissionType",
        };
        body[name] = json!(number);
        match api {
            "DescribeAcls" => drop(cx.call(api, 3, body)?),
            "CreateAcls" => create_all(cx, 3, &[body])?,
            _ => delete_all(cx, 3, &[body])?,
        }
    }
    Ok(())
}

fn one_unknown_among_several(cx: &mut Context) -> Result<()> {
    let mut unknown = acl(2, "b");
    unknown["operation"] = json!(0);
    create_all(cx, 2, &[acl(2, "a"), unknown, acl(2, "c")])?;
    let unknown = filter(0, None, 1);
    delete_all(cx, 2, &[any(), unknown])
}

/// v0 has gone with Kafka 4.0.
fn below_the_first(cx: &mut Context, version: i16) -> Result<()> {
    for (key, name) in [(29, "DescribeAcls"), (30, "CreateAcls"), (31, "DeleteAcls")] {
        let mut frame = cx.header(key, version, false)?;
        frame.extend([0; 16]);
        cx.send_frame(
            Context::A,
            &format!("{name} v{version} and 16 bytes"),
            &frame,
        )?;
        cx.expect_closed(Context::A)?;
    }
    Ok(())
}

fn at_every_node(cx: &mut Context) -> Result<()> {
    for node in 1..=3 {
        let conn = cx.connect(node)?;
        cx.call_on(conn, "DescribeAcls", 3, any())?;
        cx.call_on(conn, "CreateAcls", 3, json!({"creations": [acl(2, "a")]}))?;
        cx.call_on(conn, "DeleteAcls", 3, json!({"filters": [any()]}))?;
    }
    Ok(())
}

fn with_users(cx: &mut Context) -> Result<()> {
    cx.log_in(Context::A, USERS[0])?;
    describe(cx, 3)?;
    create_all(cx, 3, &[acl(2, "a")])?;
    delete_all(cx, 3, &[any()])
}
