//! Node ids: cases and transcripts count nodes from 1, whatever ids the cluster gave them.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::codec::schema::{Field, Kind};

/// The body with every id of a node replaced by what `ids` says; ids of no node stay.
#[must_use]
pub(crate) fn renumbered(fields: &[Field], mut body: Value, ids: &BTreeMap<i64, i64>) -> Value {
    if ids.iter().any(|(from, to)| from != to) {
        structure(fields, &mut body, ids);
    }
    body
}

fn structure(fields: &[Field], body: &mut Value, ids: &BTreeMap<i64, i64>) {
    for field in fields {
        if let Some(value) = body.get_mut(&field.name) {
            replace(field, &field.kind, value, ids);
        }
    }
}

fn replace(field: &Field, kind: &Kind, value: &mut Value, ids: &BTreeMap<i64, i64>) {
    match (kind, value) {
        (Kind::Struct(fields), value @ Value::Object(_)) => structure(fields, value, ids),
        (Kind::Array(element), Value::Array(items)) => {
            for item in items {
                replace(field, element, item, ids);
            }
        }
        (Kind::Int(_), value) if field.entity.as_deref() == Some("brokerId") => {
            if let Some(id) = value.as_i64().and_then(|id| ids.get(&id)) {
                *value = Value::from(*id);
            }
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::codec::schema;

    #[test]
    fn ids_of_nodes_are_replaced_wherever_they_are() {
        let ids = BTreeMap::from([(1001, 1), (1002, 2)]);
        let message = schema::message("MetadataResponse").unwrap();
        let body = json!({"brokers": [{"nodeId": 1002, "port": 1001}], "controllerId": -1,
            "topics": [{"partitions": [{"partitionIndex": 1001, "leaderId": 1001, "replicaNodes": [1002, 7]}]}]});
        let expected = json!({"brokers": [{"nodeId": 2, "port": 1001}], "controllerId": -1,
            "topics": [{"partitions": [{"partitionIndex": 1001, "leaderId": 1, "replicaNodes": [2, 7]}]}]});
        assert_eq!(renumbered(&message.fields, body, &ids), expected);
    }
}
