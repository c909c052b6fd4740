//! The errors that Apache Kafka answered wherever the conformance suite recorded it.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use serde_json::{Map, Value as Json};

use super::super::entities::{self, ErrorField, Tree};
use crate::wire::api::Api;
use crate::wire::dynamic::{Shape, Value};
use crate::wire::error::ErrorCode;

/// An answer of a transcript.
struct Recorded {
    api: Api,
    version: i16,
    answer: Json,
}

/// All answers of all transcripts.
fn recorded() -> Vec<Recorded> {
    let mut found = Vec::new();
    for text in texts() {
        read_transcript(&text, &mut found);
    }
    found
}

fn texts() -> Vec<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fixtures/transcripts");
    let files = std::fs::read_dir(folder).unwrap();
    let mut paths: Vec<_> = files.map(|file| file.unwrap().path()).collect();
    paths.retain(|path| path.extension().is_some_and(|end| end == "txt"));
    paths.sort();
    let texts = paths
        .iter()
        .map(|path| std::fs::read_to_string(path).unwrap());
    texts.collect()
}

/// The requests of each case of all transcripts: API, version, body.
pub(crate) fn requests() -> Vec<Vec<(Api, i16, Json)>> {
    let texts = texts();
    let cases = texts.iter().flat_map(|text| text.split("\n== "));
    cases.map(requests_of).collect()
}

fn requests_of(case: &str) -> Vec<(Api, i16, Json)> {
    let said = case.match_indices("> ").filter_map(|(at, _)| {
        let (before, behind) = case.split_at(at);
        let is_said = before.is_empty() || before.len() - before.rfind('\n')? <= 2;
        let (api, rest) = behind
            .strip_prefix("> ")
            .filter(|_| is_said)?
            .split_once(" v")?;
        let (version, body) = rest.split_once(' ')?;
        let (api, version) = (api.parse().ok()?, version.parse().ok()?);
        body.starts_with('{').then(|| (api, version, value(body).0))
    });
    said.collect()
}

/// Requests are `> API vN …` and answers `< …`, behind the letter of their connection if there are several.
fn read_transcript(text: &str, found: &mut Vec<Recorded>) {
    let mut asked = BTreeMap::new();
    let mut rest = text;
    while let Some((line, after)) = rest.split_once('\n') {
        let (connection, said) = match line.find(['>', '<']) {
            Some(at @ 0..=1) => line.split_at(at),
            _ => {
                rest = after;
                continue;
            }
        };
        if let Some(request) = said.strip_prefix("> ") {
            let mut words = request.split(' ');
            let api = words.next().and_then(|name| name.parse::<Api>().ok());
            let version = words
                .next()
                .and_then(|word| word.strip_prefix('v')?.parse().ok());
            asked.insert(connection.to_owned(), api.zip(version));
        } else if said.starts_with("< {")
            && let Some(Some((api, version))) = asked.get(connection)
        {
            let (answer, _) = value(rest.get(connection.len() + 2..).unwrap());
            found.push(Recorded {
                api: *api,
                version: *version,
                answer,
            });
        }
        rest = after;
    }
}

/// A value as the suite shows it, and what follows it.
fn value(text: &str) -> (Json, &str) {
    let text = text.trim_start();
    if let Some(rest) = text.strip_prefix('{') {
        return fields(rest);
    }
    if let Some(mut rest) = text.strip_prefix('[') {
        let mut elements = Vec::new();
        loop {
            rest = rest.trim_start_matches([' ', '\n', ',']);
            if let Some(rest) = rest.strip_prefix(']') {
                return (Json::Array(elements), rest);
            }
            let (element, after) = value(rest);
            elements.push(element);
            rest = after;
        }
    }
    if text.starts_with('"') {
        let mut stream = serde_json::Deserializer::from_str(text).into_iter();
        let string: Json = stream.next().unwrap().unwrap();
        return (string, &text[stream.byte_offset()..]);
    }
    let end = text.find([',', '\n', '}', ']']).unwrap();
    let (word, rest) = text.split_at(end);
    // The name of a code follows its number.
    let number = word
        .split(' ')
        .next()
        .and_then(|first| first.parse::<i64>().ok());
    let value = match word {
        "null" => Json::Null,
        "true" | "false" => (word == "true").into(),
        _ => number.map_or_else(|| word.into(), Json::from),
    };
    (value, rest)
}

fn fields(mut rest: &str) -> (Json, &str) {
    let mut object = Map::new();
    loop {
        rest = rest.trim_start_matches([' ', '\n', ',']);
        if let Some(rest) = rest.strip_prefix('}') {
            return (Json::Object(object), rest);
        }
        let (name, after) = rest.split_once(':').unwrap();
        let (field, after) = value(after);
        object.insert(name.to_owned(), field);
        rest = after;
    }
}

fn small(name: &str) -> String {
    let mut letters = name.chars();
    let first = letters.next().map(|first| first.to_ascii_lowercase());
    first.into_iter().chain(letters).collect()
}

/// The rows of an answer at a depth.
fn rows<'a>(answer: &'a Json, tree: &Tree, depth: usize) -> Vec<&'a Json> {
    let mut rows = vec![answer];
    for level in &tree.levels[..depth] {
        let list = small(level.response);
        let inner = rows.iter().filter_map(|row| row.get(&list)?.as_array());
        rows = inner.flatten().collect();
    }
    rows
}

/// An error that Kafka answered, and the row that it stands in.
struct Failed<'a> {
    api: Api,
    version: i16,
    tree: &'static Tree,
    depth: usize,
    field: &'static str,
    code: ErrorCode,
    row: &'a Json,
}

impl Failed<'_> {
    /// The place of the table that can say so.
    fn place(&self) -> Option<&'static ErrorField> {
        let mut places = self.tree.places.iter();
        places.find(|place| {
            place.depth == self.depth && place.field == self.field && place.allows(self.code)
        })
    }

    /// The same row, as a rule makes it.
    fn made(&self) -> Option<Json> {
        let shape = Shape::response(self.api.key(), self.version).unwrap();
        let mut row = self.tree.row(shape, self.depth)?;
        let place = self.place()?;
        place.set_error(&mut row, self.code, self.version, &Value::Null);
        Some(row.to_json())
    }

    /// Whether a field cannot be compared: it tells rows apart, or is not shown as it is.
    fn is_other(&self, name: &str, recorded: &Json) -> bool {
        let level = self.depth.checked_sub(1).map(|at| &self.tree.levels[at]);
        let mut keys = level.into_iter().flat_map(|level| level.keys);
        let text = recorded.as_str().unwrap_or_default();
        let is_shown_otherwise = text.starts_with('<') || text == "zero";
        keys.any(|key| small(key.response) == name)
            || is_shown_otherwise
            || ["throttleTimeMs", "records", "topicAuthorizedOperations"].contains(&name)
    }
}

/// Lets `see` look at every error of an answer.
fn errors<'a>(recorded: &'a Recorded, see: &mut dyn FnMut(Failed<'a>)) {
    let Recorded {
        api,
        version,
        answer,
    } = recorded;
    let Some(tree) = entities::of(*api).and_then(|entities| entities.tree(*version)) else {
        return;
    };
    let places: BTreeSet<_> = tree
        .places
        .iter()
        .map(|place| (place.depth, place.field))
        .collect();
    for (depth, field) in places {
        for row in rows(answer, tree, depth) {
            let code = row.get(small(field)).and_then(Json::as_i64);
            if let Some(code) = code.filter(|code| *code != 0) {
                let code = ErrorCode::of(code.try_into().unwrap());
                // Every API's answer to a client that is to send a token, of which rules know nothing.
                let of_sasl = matches!(api, Api::SaslHandshake | Api::SaslAuthenticate);
                if code == ErrorCode::IllegalSaslState && !of_sasl {
                    continue;
                }
                see(Failed {
                    api: *api,
                    version: *version,
                    tree,
                    depth,
                    field,
                    code,
                    row,
                });
            }
        }
    }
}

#[test]
fn every_error_that_kafka_answered_is_allowed() {
    let mut refused = BTreeSet::new();
    let mut seen = BTreeSet::new();
    for recorded in recorded() {
        errors(&recorded, &mut |failed| {
            let Failed {
                api, depth, code, ..
            } = failed;
            seen.insert((api.key(), depth, code.code()));
            if failed.place().is_none() {
                refused.insert(format!("{api} {depth} {code}"));
            }
        });
    }
    assert!(seen.len() > 200, "{}", seen.len());
    assert!(refused.is_empty(), "{refused:#?}");
}

/// What depends on what really went wrong, or on what the cluster is: API, depth and field.
const CIRCUMSTANCES: &[(Api, usize, &str)] = &[
    // The rows beside it: `recorded` compares them.
    (Api::AlterPartitionReassignments, 0, "responses"),
    (Api::DescribeUserScramCredentials, 0, "results"),
    (Api::ElectLeaders, 0, "replicaElectionResults"),
    (Api::Fetch, 0, "responses"),
    (Api::ListPartitionReassignments, 0, "topics"),
    (Api::Metadata, 0, "topics"),
    // Unexpected errors come from several places.
    (Api::Fetch, 2, "abortedTransactions"),
    // Who leads, if that is another node.
    (Api::Fetch, 2, "currentLeader"),
    (Api::Produce, 2, "currentLeader"),
    (Api::ShareAcknowledge, 2, "currentLeader"),
    (Api::ShareFetch, 2, "currentLeader"),
    // Records fail for themselves, and so do acknowledgements.
    (Api::ShareFetch, 2, "errorCode"),
    (Api::ShareFetch, 2, "acknowledgeErrorCode"),
    // Acquired though acknowledgements beside it failed.
    (Api::ShareFetch, 2, "acquiredRecords"),
    // The group's locks, which a session's errors tell of as well.
    (Api::ShareFetch, 0, "acquisitionLockTimeoutMs"),
    // Of a log that was found, and of records in it.
    (Api::Produce, 2, "logStartOffset"),
    (Api::Produce, 2, "recordErrors"),
    // A topic or partition that was found.
    (Api::DescribeTopicPartitions, 1, "isInternal"),
    (Api::Metadata, 2, "leaderId"),
    (Api::Metadata, 2, "leaderEpoch"),
    (Api::Metadata, 2, "isrNodes"),
    (Api::Metadata, 2, "replicaNodes"),
    (Api::Metadata, 2, "offlineReplicas"),
    // The request's, or one that the broker made up; the group's when its records are too large.
    (Api::JoinGroup, 0, "memberId"),
    (Api::JoinGroup, 0, "generationId"),
    (Api::JoinGroup, 0, "leader"),
    (Api::JoinGroup, 0, "protocolName"),
    (Api::JoinGroup, 0, "protocolType"),
    // None where a key is wrong, a text where the request is.
    (Api::FindCoordinator, 1, "errorMessage"),
    // What the listener offers.
    (Api::SaslHandshake, 0, "mechanisms"),
    // Who asks, and for whom.
    (Api::CreateDelegationToken, 0, "principalType"),
    (Api::CreateDelegationToken, 0, "principalName"),
    (Api::CreateDelegationToken, 0, "tokenRequesterPrincipalName"),
    // Null where all of it fails, a text where the client may not.
    (Api::AlterConfigs, 1, "errorMessage"),
    (Api::IncrementalAlterConfigs, 1, "errorMessage"),
    (Api::InitializeShareGroupState, 2, "errorMessage"),
    (Api::DeleteShareGroupState, 2, "errorMessage"),
    // Null for a topic, a text for a partition.
    (Api::DescribeProducers, 2, "errorMessage"),
    // Null where there is no such partition, a text where nobody has fetched from it.
    (Api::ShareAcknowledge, 2, "errorMessage"),
    // Null where share groups are out of use, a text where the group is not one.
    (Api::DescribeShareGroupOffsets, 1, "errorMessage"),
];

#[test]
fn rows_that_are_errors_are_like_kafkas() {
    let mut differences = BTreeSet::new();
    let mut compared = 0;
    for recorded in recorded() {
        errors(&recorded, &mut |failed| {
            let Some(made) = failed.made() else {
                return;
            };
            let Failed {
                api,
                version,
                depth,
                code,
                row,
                ..
            } = &failed;
            for (name, recorded) in row.as_object().unwrap() {
                let depends = CIRCUMSTANCES.contains(&(*api, *depth, name.as_str()));
                if depends || failed.is_other(name, recorded) || has_own_text(name, recorded) {
                    continue;
                }
                compared += 1;
                if made[name] != *recorded {
                    let what = format!("{api} v{version} {depth} {code} {name}");
                    differences.insert(format!("{what}: {recorded}, not {}", made[name]));
                }
            }
        });
    }
    assert!(compared > 5000, "{compared}");
    assert!(differences.is_empty(), "{differences:#?}");
}

/// Whether a message tells more than the error's own text.
fn has_own_text(name: &str, recorded: &Json) -> bool {
    let text = recorded
        .as_str()
        .filter(|text| name.to_lowercase().ends_with("errormessage") && !text.is_empty());
    text.is_some_and(|text| !ErrorCode::ALL.iter().any(|code| code.text() == Some(text)))
}

#[test]
fn every_error_that_kafkas_clients_tell_apart_is_allowed() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fixtures/errors/clients.txt");
    let text = std::fs::read_to_string(path).unwrap();
    let mut refused = Vec::new();
    let mut seen = 0;
    for line in text.lines().filter(|line| !line.starts_with('#')) {
        let (api, codes) = line.split_once(": ").unwrap();
        let entities = entities::of(api.parse().unwrap()).unwrap();
        for code in codes.split(' ') {
            let code: ErrorCode = code.parse().unwrap();
            let mut places = entities.trees.iter().flat_map(|tree| tree.places);
            if !places.any(|place| place.allows(code)) {
                refused.push(format!("{api} {code}"));
            }
            seen += 1;
        }
    }
    assert!(seen > 150, "{seen}");
    assert!(refused.is_empty(), "{refused:#?}");
}
