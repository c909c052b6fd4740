//! Rows of the journal for people: a line each, and a count of those that nobody looks for.

use std::collections::BTreeMap;

use serde_json::Value as Json;

use super::show::partitions;

/// The most partitions' topics and errors that a line names.
const LISTED: usize = 5;

const GREEN: &str = "32";
const RED: &str = "31";
const YELLOW: &str = "33";
const CYAN: &str = "36";

/// What changes of state say; a field's value takes the place of its name.
const CHANGES: &[(&str, &str)] = &[
    (
        "connection_opened",
        "connection {connection} from {client_host} to node {node}",
    ),
    ("connection_closed", "connection {connection} closed: {why}"),
    (
        "group_state",
        "group {group} {from} → {to}, generation {generation}: {why}",
    ),
    (
        "assigned",
        "share group {group} assigns {member} {topics}, epoch {epoch}: {why}",
    ),
    (
        "tasks_assigned",
        "streams group {group} assigns {member} {tasks}, epoch {epoch}: {why}",
    ),
    (
        "transaction_state",
        "transaction {transactional_id} {from} → {to}, producer {producer_id}/{producer_epoch}",
    ),
    (
        "leader_moved",
        "leader of {topic}-{partition} {from} → {to}, epoch {leader_epoch}",
    ),
    (
        "coordinator_moved",
        "coordinator of {topic}-{partition} {from} → {to}",
    ),
    (
        "acquisition_expired",
        "locks of {member} in share group {group} on {topic}-{partition} ended: offsets {first_offset} to {last_offset}, delivery {deliveries}",
    ),
    (
        "deliveries_exhausted",
        "share group {group} gives up {topic}-{partition} offsets {first_offset} to {last_offset} after {deliveries} deliveries",
    ),
    (
        "dead_lettered",
        "share group {group} buries {topic}-{partition} offsets {first_offset} to {last_offset} in {dead_letter_topic}",
    ),
    (
        "logged_in",
        "{principal} logged in{again} by {mechanism}, connection {connection} to node {node}{session}",
    ),
    (
        "keys_fetched",
        "keys for tokens came from {url}: {keys}, and {left_out} that cannot be used",
    ),
    (
        "keys_not_fetched",
        "no keys for tokens came from {url}: {why}",
    ),
    ("node_stopped", "node {node} stopped"),
    ("node_started", "node {node} started"),
    (
        "acl_added",
        "ACL added: {permission} {principal} to {operation} {resource_type} {resource} ({pattern}) from host {host}",
    ),
    (
        "acl_removed",
        "ACL removed: {permission} {principal} to {operation} {resource_type} {resource} ({pattern}) from host {host}",
    ),
    (
        "topic_created",
        "topic {topic} created, partitions: {partitions}",
    ),
    (
        "partitions_added",
        "topic {topic} has more partitions: {partitions}",
    ),
    ("topic_deleted", "topic {topic} deleted"),
    (
        "log_start_moved",
        "{topic}-{partition} starts at {to} instead of {from}",
    ),
    (
        "log_truncated",
        "{topic}-{partition} ends at {to} instead of {from}",
    ),
];

/// A row on a line, without colours.
pub(super) fn journal_row(row: &Json) -> String {
    line(row, false)
}

/// A row on a line: its number, the time since the start, what happened, and how it went.
pub(super) fn line(row: &Json, in_colour: bool) -> String {
    let elapsed = row
        .get("elapsed_ms")
        .and_then(Json::as_u64)
        .unwrap_or_default();
    let number = format!("#{}", text(row, "sequence"));
    let time = format!("{}.{:03}s", elapsed / 1000, elapsed % 1000);
    let what = if text(row, "kind") == "request" {
        request(row, in_colour)
    } else {
        painted(&change(row), CYAN, in_colour)
    };
    format!("{number:>6} {time:>9} {what}\n")
}

fn painted(text: &str, colour: &str, in_colour: bool) -> String {
    if in_colour {
        format!("\x1b[{colour}m{text}\x1b[0m")
    } else {
        text.to_owned()
    }
}

fn text(row: &Json, field: &str) -> String {
    match row.get(field) {
        None | Some(Json::Null) => "none".to_owned(),
        Some(Json::Array(topics)) if topics.is_empty() => "nothing".to_owned(),
        Some(Json::Array(topics)) if topics.iter().all(|topic| partitions(topic).is_some()) => {
            let topics: Vec<String> = topics.iter().filter_map(partitions).collect();
            topics.join(" ")
        }
        Some(value) => value
            .as_str()
            .map_or_else(|| value.to_string(), str::to_owned),
    }
}

/// Tasks that a member of a streams group is assigned, by kind.
fn tasks(row: &Json) -> String {
    let kinds = [
        ("active", "active"),
        ("standby", "standby"),
        ("warmup", "warm-up"),
    ];
    let kinds = kinds.iter().filter_map(|(field, kind)| {
        let tasks = row.get(*field)?.as_array()?.iter();
        let tasks: Vec<&str> = tasks.filter_map(Json::as_str).collect();
        (!tasks.is_empty()).then(|| format!("{kind} {}", tasks.join(" ")))
    });
    let kinds: Vec<String> = kinds.collect();
    if kinds.is_empty() {
        return "nothing".to_owned();
    }
    kinds.join(", ")
}

/// A change of state; of a kind that has no words here, its fields.
fn change(row: &Json) -> String {
    let kind = text(row, "kind");
    if let Some((_, words)) = CHANGES.iter().find(|(name, _)| *name == kind) {
        let mut said = String::new();
        let mut rest = *words;
        while let Some((before, after)) = rest.split_once('{') {
            let (field, after) = after.split_once('}').unwrap_or((after, ""));
            said.push_str(before);
            said.push_str(&match field {
                "tasks" => tasks(row),
                "again" if row.get("again") == Some(&Json::Bool(true)) => " again".to_owned(),
                "again" => String::new(),
                "session" => session(row),
                field => text(row, field),
            });
            rest = after;
        }
        said.push_str(rest);
        return said;
    }
    let known = ["sequence", "elapsed_ms", "wall_ms", "kind"];
    let fields = row.as_object().into_iter().flatten();
    let fields = fields.filter(|(name, _)| !known.contains(&name.as_str()));
    let said: Vec<String> = fields
        .map(|(name, _)| format!(" {name}={}", text(row, name)))
        .collect();
    format!("{kind}{}", said.concat())
}

/// How long a session lasts, if it ends.
fn session(row: &Json) -> String {
    let lasts = row.get("session_lifetime_ms").and_then(Json::as_i64);
    lasts.map_or_else(String::new, |millis| format!(", for {millis} ms"))
}

/// A request: what it is about, who sent it, what became of it.
fn request(row: &Json, in_colour: bool) -> String {
    let mut said = format!("{} v{}", text(row, "api"), text(row, "version"));
    let list = |name: &str| row.get(name).and_then(Json::as_array).into_iter().flatten();
    let topics: Vec<String> = list("topics").filter_map(partitions).collect();
    for topic in topics.iter().take(LISTED) {
        said.push_str(&format!(" {topic}"));
    }
    if topics.len() > LISTED {
        said.push_str(&format!(" and {} more topics", topics.len() - LISTED));
    }
    for name in list("groups").chain(list("transactional_ids")) {
        said.push_str(&format!(" {}", name.as_str().unwrap_or_default()));
    }
    if row.get("generation").is_some() {
        said.push_str(&format!(" generation {}", text(row, "generation")));
    }
    if row.get("producer_id").is_some() {
        let producer = (text(row, "producer_id"), text(row, "producer_epoch"));
        said.push_str(&format!(" producer {}/{}", producer.0, producer.1));
    }
    let client = text(row, "client_id");
    if !client.is_empty() {
        said.push_str(&format!(" {client}"));
    }
    let principal = text(row, "principal");
    if principal != "User:ANONYMOUS" && principal != "none" {
        said.push_str(&format!(" as {principal}"));
    }
    let (outcome, colour) = outcome(row);
    format!(
        "{said} → {}{}",
        painted(&outcome, colour, in_colour),
        besides(row)
    )
}

fn outcome(row: &Json) -> (String, &'static str) {
    let errors: Vec<String> = row
        .get("errors")
        .and_then(Json::as_array)
        .into_iter()
        .flatten()
        .map(failure)
        .collect();
    let outcome = text(row, "outcome");
    let (said, colour) = match (outcome.as_str(), &*errors) {
        ("disconnected", _) => (format!("closed: {}", text(row, "why")), RED),
        ("abandoned", _) => ("the connection was gone".to_owned(), YELLOW),
        ("unanswered", _) => ("ok, no answer wanted".to_owned(), GREEN),
        (_, []) => ("ok".to_owned(), GREEN),
        (_, errors) => {
            let named: Vec<_> = errors.iter().take(LISTED).cloned().collect();
            let more = errors.len().saturating_sub(LISTED);
            let more = if more > 0 {
                format!(" and {more} more")
            } else {
                String::new()
            };
            (format!("{}{more}", named.join(", ")), RED)
        }
    };
    (
        format!("{}{said}", applied(row, &outcome, errors.is_empty())),
        colour,
    )
}

/// How much of a request was carried out, where its outcome does not tell.
fn applied(row: &Json, outcome: &str, is_well: bool) -> &'static str {
    let is_plain = ["answered", "unanswered"].contains(&outcome);
    match text(row, "applied").as_str() {
        "yes" if !is_plain || !is_well => "applied, ",
        "partly" => "partly applied, ",
        "no" if !is_plain || is_well => "not applied, ",
        _ => "",
    }
}

fn failure(failure: &Json) -> String {
    let mut said = text(failure, "error");
    if failure.get("topic").is_some() {
        said.push_str(&format!(" {}", text(failure, "topic")));
        if failure.get("partition").is_some() {
            said.push_str(&format!("-{}", text(failure, "partition")));
        }
    }
    if failure.get("reason").is_some() {
        said.push_str(&format!(" ({})", text(failure, "reason")));
    }
    said
}

/// What else there is to know of a request.
fn besides(row: &Json) -> String {
    let number = |name| row.get(name).and_then(Json::as_u64).unwrap_or_default();
    let mut said = String::new();
    if number("fetched_bytes") > 0 {
        said.push_str(&format!(", {} bytes", number("fetched_bytes")));
    }
    if number("waited_ms") > 0 {
        said.push_str(&format!(" after {} ms", number("waited_ms")));
    }
    if number("throttled_ms") > 0 {
        said.push_str(&format!(", throttled for {} ms", number("throttled_ms")));
    }
    if row.get("rule").is_some() {
        said.push_str(&format!(" by rule {}", text(row, "rule")));
    }
    if row.get("departed").is_some() {
        said.push_str(", when its client sent no more");
    }
    said
}

/// Counts rows that nobody looks for instead of showing them.
#[derive(Debug, Default)]
pub(super) struct Folded(BTreeMap<&'static str, u64>);

impl Folded {
    /// Whether a row is one of those, which is counted then.
    pub(super) fn take(&mut self, row: &Json) -> bool {
        let Some(kind) = routine(row) else {
            return false;
        };
        let count = self.0.entry(kind).or_default();
        *count = count.saturating_add(1);
        true
    }

    /// The line that stands for them, before the next row that is shown.
    pub(super) fn line(&mut self) -> String {
        let counts = std::mem::take(&mut self.0).into_iter();
        let counts: Vec<String> = counts
            .map(|(kind, count)| format!("{kind}: {count}"))
            .collect();
        if counts.is_empty() {
            return String::new();
        }
        format!(
            "                 … {} (--all shows them)\n",
            counts.join(", ")
        )
    }
}

/// What is routine about a row: a heartbeat that went well, a Fetch that found nothing.
fn routine(row: &Json) -> Option<&'static str> {
    let is_plain = text(row, "outcome") == "answered"
        && ["errors", "rule", "departed"]
            .iter()
            .all(|field| row.get(*field).is_none());
    let is_empty = row.get("fetched_bytes").and_then(Json::as_u64) == Some(0);
    match text(row, "api").as_str() {
        "Heartbeat"
        | "ConsumerGroupHeartbeat"
        | "ShareGroupHeartbeat"
        | "StreamsGroupHeartbeat"
            if is_plain =>
        {
            Some("heartbeats")
        }
        "Fetch" | "ShareFetch" if is_plain && is_empty => Some("empty fetches"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[track_caller]
    fn check(row: &Json, expected: &str) {
        assert_eq!(line(row, false), format!("{expected}\n"));
    }

    #[test]
    fn requests_are_lines() {
        let produce = json!({
            "sequence": 2, "elapsed_ms": 0, "kind": "request", "api": "Produce", "version": 12,
            "topics": [{ "topic": "orders", "partitions": [0] }], "client_id": "worker-1",
            "principal": "User:ANONYMOUS", "outcome": "answered", "waited_ms": 0,
        });
        check(
            &produce,
            "    #2    0.000s Produce v12 orders[0] worker-1 → ok",
        );
        let coloured = line(&produce, true);
        assert!(coloured.ends_with("→ \x1b[32mok\x1b[0m\n"), "{coloured}");
        let failed = json!({
            "sequence": 31, "elapsed_ms": 61_002, "kind": "request", "api": "OffsetCommit", "version": 9,
            "groups": ["g"], "generation": 3, "client_id": "c", "principal": "User:alice", "outcome": "answered",
            "errors": [{ "error": "ILLEGAL_GENERATION", "topic": "t", "partition": 1 }], "waited_ms": 7, "rule": "r",
        });
        check(
            &failed,
            "   #31   61.002s OffsetCommit v9 g generation 3 c as User:alice → ILLEGAL_GENERATION t-1 after 7 ms by rule r",
        );
        assert!(line(&failed, true).contains("\x1b[31mILLEGAL_GENERATION"));
    }

    #[test]
    fn changes_are_lines() {
        let state = json!({
            "sequence": 4, "elapsed_ms": 5, "kind": "group_state", "group": "g", "from": "Empty", "to": "Stable",
            "generation": 1, "why": "a member joins",
        });
        check(
            &state,
            "    #4    0.005s group g Empty → Stable, generation 1: a member joins",
        );
        let moved = json!({
            "sequence": 5, "elapsed_ms": 5, "kind": "leader_moved", "topic": "t", "partition": 0, "from": 1,
            "to": null, "leader_epoch": 2,
        });
        check(&moved, "    #5    0.005s leader of t-0 1 → none, epoch 2");
        let assigned = json!({
            "sequence": 5, "elapsed_ms": 5, "kind": "assigned", "group": "g", "member": "m", "epoch": 3,
            "topics": [{ "topic": "t", "partitions": [0, 1] }, { "topic": "u", "partitions": [2] }],
            "why": "member m joined",
        });
        check(
            &assigned,
            "    #5    0.005s share group g assigns m t[0,1] u[2], epoch 3: member m joined",
        );
        let tasks = |active: &[&str], standby: &[&str]| {
            json!({
                "sequence": 5, "elapsed_ms": 5, "kind": "tasks_assigned", "group": "g", "member": "m", "epoch": 3,
                "active": active, "standby": standby, "warmup": [], "topics": [], "why": "member n joined",
            })
        };
        check(
            &tasks(&["0_0", "1_0"], &["0_1"]),
            "    #5    0.005s streams group g assigns m active 0_0 1_0, standby 0_1, epoch 3: member n joined",
        );
        check(
            &tasks(&[], &[]),
            "    #5    0.005s streams group g assigns m nothing, epoch 3: member n joined",
        );
        let logged_in = |lasts: Option<i64>, again: bool| {
            json!({
                "sequence": 5, "elapsed_ms": 5, "kind": "logged_in", "connection": 3, "node": 1, "client_id": "c",
                "mechanism": "PLAIN", "principal": "User:alice", "session_lifetime_ms": lasts, "again": again,
            })
        };
        check(
            &logged_in(None, false),
            "    #5    0.005s User:alice logged in by PLAIN, connection 3 to node 1",
        );
        check(
            &logged_in(Some(900), true),
            "    #5    0.005s User:alice logged in again by PLAIN, connection 3 to node 1, for 900 ms",
        );
        let other = json!({ "sequence": 6, "elapsed_ms": 5, "wall_ms": 1, "kind": "restored", "taken_at_ms": 9 });
        check(&other, "    #6    0.005s restored taken_at_ms=9");
    }

    #[test]
    fn routine_is_counted() {
        let mut folded = Folded::default();
        let beat = json!({ "api": "Heartbeat", "outcome": "answered" });
        let fetch =
            |bytes| json!({ "api": "Fetch", "outcome": "answered", "fetched_bytes": bytes });
        assert!(folded.take(&beat) && folded.take(&beat) && folded.take(&fetch(0)));
        assert!(!folded.take(&fetch(1)));
        let failed = json!({ "api": "Heartbeat", "outcome": "answered", "errors": [{}] });
        assert!(!folded.take(&failed));
        let expected = "                 … empty fetches: 1, heartbeats: 2 (--all shows them)\n";
        assert_eq!(folded.line(), expected);
        assert_eq!(folded.line(), "");
    }
}
