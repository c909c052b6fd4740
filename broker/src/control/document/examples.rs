//! Examples of the document: requests of `examples.txt`, and what a cluster answers to them.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::time::{Duration, SystemTime};

use serde_json::Value as Json;

use super::operations;
use crate::Broker;
use crate::clock::Clock;
use crate::embed::credentials::AccessKey;
use crate::engine::authorizer::STANDARD;

/// Asked in this order, a line each: method, path and body.
const SCRIPT: &str = include_str!("examples.txt");

/// When the cluster of the examples begins.
const START: Duration = Duration::from_millis(1_700_000_000_000);

/// What the port answered.
struct Answer {
    status: String,
    kind: String,
    body: String,
}

/// Puts requests and answers where the document describes them. The first of a kind stays.
pub(super) fn add(document: &mut Json) {
    let broker = broker();
    let control = broker.control().unwrap().trim_start_matches("http://");
    let lines = SCRIPT.lines().map(str::trim);
    for line in lines.filter(|line| !line.is_empty() && !line.starts_with('#')) {
        let (method, rest) = line.split_once(' ').unwrap();
        let (path, body) = rest.split_once(' ').unwrap_or((rest, ""));
        let answer = ask(control, method, path, body);
        let operation = operation_mut(document, &method.to_lowercase(), path);
        let status = &answer.status;
        let response = operation["responses"].get_mut(status);
        let response = response.unwrap_or_else(|| panic!("{line}: {status} {}", answer.body));
        if !answer.body.is_empty() {
            let content = response["content"].get_mut(&answer.kind);
            let content = content.unwrap_or_else(|| panic!("{line}: {}", answer.kind));
            let example = match serde_json::from_str(&answer.body) {
                Ok(json) if answer.kind == "application/json" => json,
                _ => Json::String(answer.body),
            };
            set(content, example);
        }
        if let Ok(request) = serde_json::from_str(body) {
            set(
                &mut operation["requestBody"]["content"]["application/json"],
                request,
            );
        }
    }
}

fn set(content: &mut Json, example: Json) {
    let content = content.as_object_mut().unwrap();
    content.entry("example").or_insert(example);
}

/// The operation that a request is; of two paths that fit, the one with fewer parameters.
fn operation_mut<'a>(document: &'a mut Json, method: &str, asked: &str) -> &'a mut Json {
    let asked = asked.split('?').next().unwrap();
    let fits = |path: &str| {
        let (path, asked): (Vec<_>, Vec<_>) =
            (path.split('/').collect(), asked.split('/').collect());
        let mut parts = path.iter().zip(&asked);
        path.len() == asked.len() && parts.all(|(part, at)| part.starts_with('{') || part == at)
    };
    let known = operations(document).filter(|(by, path, _)| *by == method && fits(path));
    let path = known
        .map(|(_, path, _)| path)
        .min_by_key(|path| path.matches('{').count());
    let path = path
        .unwrap_or_else(|| panic!("{method} {asked}"))
        .to_owned();
    &mut document["paths"][path][method]
}

/// A cluster that answers the same in every run.
fn broker() -> Broker {
    let start = SystemTime::UNIX_EPOCH + START;
    Broker::builder()
        .nodes(3)
        .seed(1)
        .clock(Clock::manual().starting_at(start))
        .control("127.0.0.1:0")
        .config("offsets.topic.num.partitions", "1")
        .config("transaction.state.log.num.partitions", "1")
        .config("authorizer.class.name", STANDARD)
        .user("alice", "secret")
        .access_key(AccessKey::new(
            "AKIAEXAMPLE",
            "secret",
            "arn:aws:iam::123456789012:user/alice",
        ))
        .topic("orders", 2, 3)
        .start_blocking()
        .unwrap()
}

fn ask(control: &str, method: &str, path: &str, body: &str) -> Answer {
    let mut stream = TcpStream::connect(control).unwrap();
    let length = body.len();
    let request = format!(
        "{method} {path} HTTP/1.0\r\nHost: localhost\r\nContent-Type: application/json\r\n\
         Content-Length: {length}\r\n\r\n{body}"
    );
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    let kind = head
        .lines()
        .find_map(|line| line.strip_prefix("content-type: "));
    let kind = kind.unwrap_or_default().split(';').next().unwrap();
    Answer {
        status: head.split(' ').nth(1).unwrap().to_owned(),
        kind: kind.to_owned(),
        body: with_port(body),
    }
}

/// Free ports are others in each run.
fn with_port(body: &str) -> String {
    let mut parts = body.split("127.0.0.1:");
    let mut text = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        text.push_str("127.0.0.1:9095");
        text.push_str(part.trim_start_matches(|c: char| c.is_ascii_digit()));
    }
    text
}
