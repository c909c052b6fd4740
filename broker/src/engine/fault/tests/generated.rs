//! Errors for every API that is served, at every version, made from the table alone.

use std::collections::BTreeSet;

use serde_json::{Value as Json, json};

use super::super::entities::{self, ErrorField, Key, Kind, Level, Selected, Tree};
use super::{Came, World};
use crate::wire::api::Api;
use crate::wire::dynamic::{Shape, Value};

/// An error that nothing else leads to.
const CODE: i64 = -1;

/// Every version of every API that its requests can have.
fn versions() -> impl Iterator<Item = (Api, i16)> {
    Api::ALL.iter().flat_map(|api| {
        let (first, last) = api.versions();
        let served = (first..=last).filter(|v| Shape::request(api.key(), *v).is_ok());
        served.map(|version| (*api, version))
    })
}

/// What a field is that names the first or the second of something.
fn named(world: &World, key: &Key, second: bool, current: &Value) -> Value {
    let topic = if second { "b" } else { "a" };
    match (key.kind, current) {
        (Kind::TopicId, _) => {
            let topic = world.bench.engine.state.cluster.topic(topic).unwrap();
            Value::Uuid(topic.id)
        }
        (Kind::Partition, _) => Value::Int(second.into()),
        (Kind::Other, Value::Int(_)) => Value::Int(i64::from(second) + 7),
        _ => Value::Text(topic.to_owned()),
    }
}

/// A request that names two of everything.
fn request(
    world: &World,
    api: Api,
    version: i16,
    tree: &Tree,
    selected: Option<Selected>,
) -> Value {
    let shape = Shape::request(api.key(), version).unwrap();
    let mut body = shape.initial();
    for key in entities::of(api).unwrap().fields {
        if let Some(field) = body.get_mut(key.request) {
            *field = Value::Text("a".to_owned());
        }
    }
    if let Some(acks) = body.get_mut("Acks") {
        *acks = Value::Int(1);
    }
    fill(world, shape, &mut body, tree.levels, String::new());
    // What keys and resources are is said beside them.
    if let Some(key_type) = body.get_mut("KeyType") {
        *key_type = Value::Int((selected == Some(Selected::TransactionalId)).into());
    }
    let kind = if selected == Some(Selected::Group) {
        32
    } else {
        2
    };
    for index in [0, 1] {
        if let Some(resource) = body.get_mut(&format!("Resources[{index}].ResourceType")) {
            *resource = Value::Int(kind);
        }
    }
    let kind = match selected {
        Some(Selected::Group) => 3,
        Some(Selected::TransactionalId) => 5,
        _ => 2,
    };
    for way in [
        "",
        "Creations[0].",
        "Creations[1].",
        "Filters[0].",
        "Filters[1].",
    ] {
        for (field, number) in ACL
            .iter()
            .chain(&[("ResourceType", kind), ("ResourceTypeFilter", kind)])
        {
            if let Some(field) = body.get_mut(&format!("{way}{field}")) {
                *field = Value::Int(*number);
            }
        }
    }
    body
}

/// What an ACL, or a filter of ACLs, cannot leave unknown.
const ACL: [(&str, i64); 4] = [
    ("ResourcePatternType", 3),
    ("PatternTypeFilter", 3),
    ("Operation", 2),
    ("PermissionType", 3),
];

fn fill(world: &World, shape: Shape, row: &mut Value, levels: &[Level], way: String) {
    let Some((level, below)) = levels.split_first() else {
        return;
    };
    let path = if way.is_empty() {
        level.request.to_owned()
    } else {
        format!("{way}.{}", level.request)
    };
    let (list, inner_list) = level.asked_in();
    let Some(list) = row.get_mut(list).filter(|_| !list.is_empty()) else {
        return;
    };
    let mut rows = Vec::new();
    for second in [false, true] {
        let mut element = shape.element(&path).unwrap();
        let has_name = level
            .keys
            .iter()
            .any(|key| key.kind == Kind::Topic && element.get(key.request).is_some());
        for key in level.keys {
            // A topic is asked for by its name or its id.
            if has_name && key.kind == Kind::TopicId {
                continue;
            }
            match element.get_mut(key.request) {
                Some(Value::Array(list)) => {
                    let mut inner = shape.element(&format!("{path}.{}", key.request)).unwrap();
                    if let Some(field) = inner.get_mut("EntityType") {
                        *field = Value::Text(if second { "user" } else { "client-id" }.to_owned());
                    }
                    *list = vec![inner];
                }
                Some(field) => *field = named(world, key, second, field),
                None => {}
            }
        }
        fill(world, shape, &mut element, below, path.clone());
        // Each in a list of its own, where the lists are many.
        if let Some(inner_list) = inner_list {
            let mut outer = shape.element(level.asked_in().0).unwrap();
            *outer.get_mut(inner_list).unwrap() = Value::Array(vec![element]);
            element = outer;
        }
        rows.push(element);
    }
    *list = Value::Array(rows);
}

/// The paths of all error codes of an answer that are `CODE`, with the rows that they stand in.
fn codes(answer: &Json, path: &str, found: &mut BTreeSet<String>) {
    match answer {
        Json::Object(fields) => {
            for (name, value) in fields {
                if name.to_lowercase().ends_with("errorcode") && *value == CODE {
                    found.insert(format!("{path}.{name}"));
                }
                codes(value, &format!("{path}.{name}"), found);
            }
        }
        Json::Array(elements) => {
            for (index, element) in elements.iter().enumerate() {
                codes(element, &format!("{path}[{index}]"), found);
            }
        }
        Json::Null | Json::Bool(_) | Json::Number(_) | Json::String(_) => {}
    }
}

/// Where `CODE` must stand: in the first row of levels that the rule selects, in both of others.
fn expected(tree: &Tree, place: &ErrorField, selected: Option<Selected>) -> BTreeSet<String> {
    let depth = selected.and_then(|kind| tree.depth_of(kind));
    let mut paths = vec![String::new()];
    for (at, level) in tree.levels.iter().take(place.depth).enumerate() {
        let rows: &[usize] = if depth == Some(at + 1) { &[0] } else { &[0, 1] };
        paths = paths
            .iter()
            .flat_map(|path| {
                rows.iter()
                    .map(move |row| format!("{path}.{}[{row}]", small(level.response)))
            })
            .collect();
    }
    let paths = paths.into_iter();
    paths
        .map(|path| format!("{path}.{}", small(place.field)))
        .collect()
}

fn small(name: &str) -> String {
    format!("{}{}", name[..1].to_lowercase(), &name[1..])
}

/// An error for the first of what `selected` selects, before or after the request is done.
fn check(api: Api, version: i16, selected: Option<Selected>, stage: &str) {
    let mut world = World::new();
    let entities = entities::of(api).unwrap();
    let tree = entities.tree(version).unwrap();
    let what = format!("{api} v{version} {selected:?} {stage}");
    let mut rule = json!({ "api": api, stage: { "error": "UNKNOWN_SERVER_ERROR" } });
    if let Some(kind) = selected {
        let value = if kind == Selected::Partition {
            json!(0)
        } else {
            json!("a")
        };
        rule[kind.field()] = value;
    }
    let depth = selected
        .and_then(|kind| tree.depth_of(kind))
        .unwrap_or_default();
    let Some(place) = place(tree, api, version, depth) else {
        return;
    };
    let id = match world.try_mount(rule) {
        Ok(id) => id,
        // What it selects has no error code of its own.
        Err(why) => return assert!(why.contains("leave"), "{what}: {why}"),
    };
    let body = request(&world, api, version, tree, selected);
    let shape = Shape::request(api.key(), version).unwrap();
    let came = world.send_body(1, api, version, shape.encode(&body).unwrap());
    let [Came::Answer(1, answer)] = came.as_slice() else {
        // Waits for others, as it would without the rule.
        assert_eq!(
            (stage, api),
            ("after_apply", Api::JoinGroup),
            "{what}: {came:?}"
        );
        return;
    };
    let mut found = BTreeSet::new();
    codes(answer, "", &mut found);
    let mut wanted = expected(tree, place, selected);
    if let Some((depth, until)) = place.rows
        && version <= until
    {
        let inner = tree.places.iter().find(|place| place.depth == depth);
        wanted.extend(
            inner
                .into_iter()
                .flat_map(|inner| expected(tree, inner, None)),
        );
    }
    assert_eq!(found, wanted, "{what}: {answer:#}");
    assert_eq!(world.hits(id), 1, "{what}");
}

/// The first place that the version has at this depth or below.
fn place(tree: &Tree, api: Api, version: i16, depth: usize) -> Option<&'static ErrorField> {
    let shape = Shape::response(api.key(), version).unwrap();
    let has = |place: &&ErrorField| {
        let row = tree.row(shape, place.depth);
        place.depth >= depth && row.is_some_and(|row| row.get(place.field).is_some())
    };
    tree.places.iter().find(has)
}

#[test]
fn every_api_fails_as_a_whole() {
    for (api, version) in versions() {
        for stage in ["before_apply", "after_apply"] {
            check(api, version, None, stage);
        }
    }
}

/// Whether requests of that version name anything of a kind, or their answers do.
fn can_select(api: Api, version: i16, kind: Selected) -> bool {
    let entities = entities::of(api).unwrap();
    let tree = entities.tree(version).unwrap();
    let shape = Shape::request(api.key(), version).unwrap();
    let initial = shape.initial();
    let has = |row: &Value, key: &Key| kind.is(key.kind) && row.get(key.request).is_some();
    // Version 0 looks for groups alone.
    if (api, version, kind) == (Api::FindCoordinator, 0, Selected::TransactionalId) {
        return false;
    }
    if entities.fields.iter().any(|key| has(&initial, key)) {
        return true;
    }
    let mut way = Vec::new();
    tree.levels.iter().any(|level| {
        way.push(level.request);
        let element = shape.element(&way.join(".")).unwrap_or(Value::Null);
        let only_answered = level.request.is_empty();
        let mut keys = level.keys.iter();
        keys.any(|key| has(&element, key) || (only_answered && kind.is(key.kind)))
    })
}

#[test]
fn what_a_rule_selects_fails_alone() {
    for (api, version) in versions() {
        for kind in Selected::ALL {
            if can_select(api, version, kind) {
                for stage in ["before_apply", "after_apply"] {
                    check(api, version, Some(kind), stage);
                }
            }
        }
    }
}
