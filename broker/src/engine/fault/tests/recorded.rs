//! What error rules answer, beside what Kafka's own requests answer when all of them fails.

use std::fmt::Write as _;
use std::path::Path;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use bytes::Bytes;
use serde_json::{Value as Json, json};

use super::{Came, World};
use crate::wire::api::Api;
use crate::wire::dynamic::Shape;

#[test]
fn a_request_that_fails_as_a_whole_is_answered_as_kafka_answers_it() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fixtures/errors/answers.txt");
    let text = std::fs::read_to_string(path).unwrap();
    let mut differences = String::new();
    let mut asked = None;
    let mut compared = 0;
    for line in text.lines().filter(|line| !line.starts_with('#')) {
        if let Some(head) = line.strip_prefix("== ") {
            asked = read_head(head);
            continue;
        }
        let Some((api, version, body)) = &asked else {
            continue;
        };
        let (error, expected) = line.split_once(' ').unwrap();
        let expected = comparable(*api, *version, serde_json::from_str(expected).unwrap());
        let told = comparable(*api, *version, answer(*api, *version, body, error));
        if told != expected {
            writeln!(
                differences,
                "{api} v{version} {error}\n  kafka {expected}\n  told  {told}"
            )
            .unwrap();
        }
        compared += 1;
    }
    assert!(compared > 300, "{compared}");
    assert!(differences.is_empty(), "{differences}");
}

/// An answer without what a rule answers otherwise, on purpose.
fn comparable(api: Api, version: i16, mut answer: Json) -> Json {
    // Kafka's rows are in the order of a table of hashes.
    if api == Api::Produce {
        sort(&mut answer, "index");
    }
    if api == Api::WriteTxnMarkers {
        sort(&mut answer, "partitionIndex");
    }
    // Kafka has a row for each time that something is named.
    if api == Api::AlterClientQuotas
        && let Some(rows) = answer["entries"].as_array_mut()
    {
        rows.dedup();
    }
    if api == Api::AlterReplicaLogDirs
        && let Some(rows) = answer["results"].as_array_mut()
    {
        let mut seen = Vec::new();
        rows.retain(|row| {
            let is_new = !seen.contains(row);
            seen.push(row.clone());
            is_new
        });
    }
    // What fails are the topics; the transcripts have brokers beside them.
    if api == Api::Metadata && version < 13 {
        answer = json!({ "topics": answer["topics"] });
    }
    if api == Api::DescribeTopicPartitions {
        answer["nextCursor"] = Json::Null;
    }
    // A coordinator that answers an error says whom it means, as the transcripts show.
    if api == Api::JoinGroup {
        answer["memberId"] = Json::Null;
    }
    // Kafka forgets which user a row is about.
    if api == Api::DescribeUserScramCredentials {
        for row in answer["results"].as_array_mut().unwrap() {
            row["user"] = Json::Null;
        }
    }
    answer
}

/// Sorts the rows that have a field by it.
fn sort(answer: &mut Json, field: &str) {
    match answer {
        Json::Array(rows) => {
            rows.sort_by_key(|row| row.get(field).and_then(Json::as_i64));
            rows.iter_mut().for_each(|row| sort(row, field));
        }
        Json::Object(fields) => fields.values_mut().for_each(|value| sort(value, field)),
        Json::Null | Json::Bool(_) | Json::Number(_) | Json::String(_) => {}
    }
}

/// The API, version and body of a recorded request, if that version is served.
fn read_head(head: &str) -> Option<(Api, i16, Bytes)> {
    let mut words = head.split(' ');
    let (name, version, body) = (words.next()?, words.next()?, words.next()?);
    let api = Api::ALL.iter().find(|api| api.name() == name)?;
    let version = version.strip_prefix('v')?.parse().unwrap();
    let (first, last) = api.versions();
    let body = BASE64_STANDARD.decode(body).unwrap();
    ((first..=last).contains(&version) && Shape::request(api.key(), version).is_ok())
        .then(|| (*api, version, body.into()))
}

/// What a rule answers in which all of the request fails.
fn answer(api: Api, version: i16, body: &Bytes, error: &str) -> Json {
    let mut world = World::new();
    let rule = json!({ "api": api, "unchecked": true, "before_apply": { "error": error } });
    world.mount(rule);
    match world.send_body(1, api, version, body.clone()).as_slice() {
        [Came::Answer(1, answer)] => answer.clone(),
        other => panic!("{api} v{version}: {other:?}"),
    }
}
