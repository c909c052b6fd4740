//! The rows against the schemas of every version.

use std::collections::BTreeSet;

use super::{Entities, Tree, of};
use crate::wire::api::Api;
use crate::wire::dynamic::{Shape, Value};

/// Error codes that say something else than how the request, or a part of it, went.
const OTHER_CODES: &[(Api, &str)] = &[
    (Api::DescribeLogDirs, "Results.ErrorCode"),
    (Api::DeleteAcls, "FilterResults.MatchingAcls.ErrorCode"),
];

fn versions(api: Api) -> impl Iterator<Item = i16> {
    let (first, last) = api.versions();
    (first..=last).filter(move |version| Shape::request(api.key(), *version).is_ok())
}

/// Paths of the fields of a message whose names end in this.
fn fields(shape: Shape, value: &Value, way: &str, end: &str, found: &mut BTreeSet<String>) {
    let Some(row) = value.as_struct() else {
        return;
    };
    for (name, value) in row.iter() {
        let path = if way.is_empty() {
            name.to_owned()
        } else {
            format!("{way}.{name}")
        };
        if name.ends_with(end) {
            found.insert(path.clone());
        }
        let inner = shape.element(&path).unwrap_or_else(|| value.clone());
        fields(shape, &inner, &path, end, found);
    }
}

fn path(tree: &Tree, depth: usize, field: &str) -> String {
    let lists = tree.levels[..depth].iter().map(|level| level.response);
    lists.chain([field]).collect::<Vec<_>>().join(".")
}

#[test]
fn every_api_has_a_row() {
    for api in Api::ALL {
        assert!(
            of(*api).is_some(),
            "{api} has no row in engine/fault/entities/table"
        );
    }
}

#[test]
fn every_error_code_is_known() {
    for api in Api::ALL {
        let entities = of(*api).unwrap();
        let known: BTreeSet<_> = entities
            .trees
            .iter()
            .flat_map(|tree| tree.places.iter().map(|p| path(tree, p.depth, p.field)))
            .collect();
        let mut defined = BTreeSet::new();
        for version in versions(*api) {
            let shape = Shape::response(api.key(), version).unwrap();
            fields(shape, &shape.initial(), "", "ErrorCode", &mut defined);
        }
        for (other, path) in OTHER_CODES {
            if other == api {
                assert!(defined.remove(*path), "{api} {path}");
            }
        }
        assert_eq!(known, defined, "{api}");
    }
}

#[test]
fn every_field_exists() {
    for api in Api::ALL {
        let entities = of(*api).unwrap();
        let mut asked = BTreeSet::new();
        let mut answered = BTreeSet::new();
        for version in versions(*api) {
            let request = Shape::request(api.key(), version).unwrap();
            fields(request, &request.initial(), "", "", &mut asked);
            let response = Shape::response(api.key(), version).unwrap();
            fields(response, &response.initial(), "", "", &mut answered);
            let tree = entities.tree(version).expect("a tree for every version");
            assert!(
                tree.places.iter().any(|place| {
                    let row = tree.row(response, place.depth);
                    row.is_some_and(|row| row.get(place.field).is_some())
                }) || [Api::DescribeLogDirs].contains(api),
                "{api} v{version} has no place for an error"
            );
        }
        check_fields(entities, &asked, &answered);
    }
}

fn check_fields(entities: &Entities, asked: &BTreeSet<String>, answered: &BTreeSet<String>) {
    let api = entities.api;
    for key in entities.fields {
        assert!(asked.contains(key.request), "{api} {}", key.request);
    }
    for tree in entities.trees {
        let (mut request, mut response) = (String::new(), String::new());
        for level in tree.levels {
            for (way, list, known) in [
                (&mut request, level.request, asked),
                (&mut response, level.response, answered),
            ] {
                if !list.is_empty() {
                    way.push_str(if way.is_empty() { "" } else { "." });
                    way.push_str(list);
                    assert!(known.contains(way.as_str()), "{api} {way}");
                }
            }
            for key in level.keys {
                if !key.request.is_empty() && !level.request.is_empty() {
                    let path = format!("{request}.{}", key.request);
                    assert!(asked.contains(&path), "{api} {path}");
                }
                if !key.response.is_empty() && !level.response.is_empty() {
                    let path = format!("{response}.{}", key.response);
                    assert!(answered.contains(&path), "{api} {path}");
                }
            }
        }
        for place in tree.places {
            for (field, _) in place.fill {
                let path = path(tree, place.depth, field);
                assert!(answered.contains(&path), "{api} {path}");
            }
        }
    }
}
