//! What fields may hold: what is usual, and what is worth trying.
//!
//! An object with one name that begins with `$` stands for something that only the run knows: see `memory.rs`.

use serde_json::{Value, json};

use super::batches::batch;
use super::bodies::Writer;
use super::numbers::number;
use crate::codec::schema::{Field, Kind};

/// Names that are nobody's, and names that nobody may have.
const STRANGE_NAMES: [&str; 7] = ["", ".", "a b", "a..b:c", "..", "a/b", "\u{e4}"];

/// The value of a field that is neither list nor structure.
pub(super) fn leaf(w: &mut Writer<'_>, owner: &str, field: &Field) -> Value {
    let wild = w.is_wild();
    match &field.kind {
        Kind::Array(element) => {
            return match **element {
                Kind::Int(_) => number(w, owner, field, wild),
                _ => text(w, owner, field, wild),
            };
        }
        Kind::Bool => return json!(boolean(w, field)),
        Kind::String => return text(w, owner, field, wild),
        Kind::Uuid => return uuid(w, field, wild),
        Kind::Records => return batch(w),
        Kind::Bytes => {}
        _ => return number(w, owner, field, wild),
    }
    match field.name.as_str() {
        "assignment" if !wild => {
            json!({"$assignment": {"version": w.chance.below(4), "topic": w.focus.topic, "partitions": [0, 1]}})
        }
        _ => json!(*w.chance.pick(&["", "0x00", "m"])),
    }
}

fn boolean(w: &mut Writer<'_>, field: &Field) -> bool {
    match field.name.as_str() {
        "validateOnly" => w.wildness > 0 && w.chance.percent(25),
        "allowAutoTopicCreation" => w.chance.percent(15),
        "verifyOnly" | "keepPreparedTxn" | "enable2Pc" => w.wildness > 0 && w.chance.percent(15),
        "isRenewAck" => w.wildness > 0 && w.chance.percent(10),
        "committed" | "allowReplicationFactorChange" => w.chance.percent(65),
        _ => w.chance.percent(40),
    }
}

fn uuid(w: &mut Writer<'_>, field: &Field, wild: bool) -> Value {
    match (wild, field.name.as_str()) {
        (true, _) => json!(*w.chance.pick(&[
            "AAAAAAAAAAAAAAAAAAAAAA",
            "AAAAAAAAAAAAAAAAAAAAAQ",
            "c29tZXRoaW5nIHVua25vdw"
        ])),
        (_, "topicId")
            if w.api == "DeleteTopics" || (w.api == "Metadata" && w.chance.percent(60)) =>
        {
            json!("AAAAAAAAAAAAAAAAAAAAAA")
        }
        (_, "topicId") => json!({"$id": w.focus.topic}),
        _ => json!("AAAAAAAAAAAAAAAAAAAAAA"),
    }
}

#[expect(clippy::too_many_lines, reason = "a table: a row for each field")]
fn text(w: &mut Writer<'_>, owner: &str, field: &Field, wild: bool) -> Value {
    let name = field.name.as_str();
    if wild && !matches!(name, "value" | "pattern") {
        let own = match field.entity.as_deref() {
            Some("groupId") => Some(json!({"$group": 2})),
            Some("transactionalId") => Some(json!({"$tid": 2})),
            Some("topicName") if w.chance.percent(40) => Some(json!({"$topic": 2})),
            None if name == "resourceName" => Some(json!("")),
            _ => None,
        };
        return match w.chance.below(3) {
            // What sequences make, other sequences must not meet.
            0..2 if own.is_some() => own.unwrap_or_default(),
            _ if own.is_some() => json!(""),
            0 if field.nullable.contains(w.version) => Value::Null,
            1 if name != "instanceId" => json!("x".repeat(250)),
            _ => json!(*w.chance.pick(&STRANGE_NAMES)),
        };
    }
    let focus = w.focus;
    match (w.api, owner, name) {
        (_, _, "memberId" | "v3AndBelowMemberId") => {
            json!({"$member": [focus.group, focus.member]})
        }
        (_, _, "groupInstanceId" | "instanceId") if w.chance.percent(75) => Value::Null,
        (_, _, "groupInstanceId" | "instanceId") => json!(format!("i{}", focus.member)),
        ("FindCoordinator", ..) => w
            .chance
            .pick(&[json!({"$group": 0}), json!({"$tid": 0}), json!("")])
            .clone(),
        (_, _, "protocolType") => json!(if w.chance.percent(95) {
            "consumer"
        } else {
            "connect"
        }),
        (_, _, "protocolName") => json!({"$protocol": focus.group}),
        (_, _, "resourceName") => json!({"$resource": [focus.topic, focus.group]}),
        ("CreateTopics", ..) => json!({"$topic": 3 + w.chance.below(2) * w.chance.below(2)}),
        ("InitProducerId", ..) if focus.producer == 2 => Value::Null,
        ("Produce", "", "transactionalId") if focus.producer == 2 => Value::Null,
        ("Produce", "", "transactionalId") => json!({"$tid": focus.producer}),
        (_, _, "subscribedTopicRegex") => Value::Null,
        (_, _, "transactionalIdPattern") => w
            .chance
            .pick(&[
                Value::Null,
                json!(""),
                json!(".*"),
                json!("["),
                json!("x.*"),
            ])
            .clone(),
        (_, _, "serverAssignor") => w
            .chance
            .pick(&[
                Value::Null,
                Value::Null,
                Value::Null,
                json!("range"),
                json!("uniform"),
                json!("sticky"),
            ])
            .clone(),
        (_, _, "rackId") => w.chance.pick(&[Value::Null, json!("a")]).clone(),
        (_, _, "feature") => json!(*w.chance.pick(&[
            "transaction.version",
            "group.version",
            "metadata.version",
            "x"
        ])),
        (_, _, "committedMetadata") => json!(*w.chance.pick(&["", "m", "metadata"])),
        (_, _, "reason") => json!("why"),
        (_, _, "mechanism") => json!(*w.chance.pick(&["PLAIN", "SCRAM-SHA-256", ""])),
        (_, _, "clientSoftwareName" | "clientSoftwareVersion") => {
            json!(*w.chance.pick(&["a", "1.2", "-", "a-", "a b"]))
        }
        (_, _, "clusterId") => Value::Null,
        _ => match field.entity.as_deref() {
            Some("topicName")
                if owner == "topics"
                    && w.api == "Metadata"
                    && w.version >= 10
                    && w.chance.percent(30) =>
            {
                Value::Null
            }
            Some("topicName") => json!({"$topic": focus.topic}),
            Some("groupId") => json!({"$group": focus.group}),
            Some("transactionalId") => json!({"$tid": focus.producer % 2}),
            _ => json!(""),
        },
    }
}
