//! What differs from run to run gets a name: topics, ids, times, addresses.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::clock;
use crate::codec::bytes::uuid_bytes;
use crate::codec::schema::{Field, Kind};
use crate::errors;
use crate::show::Shown;
use crate::subscriptions;

/// The names that one case has given so far, and how its messages are to be shown.
#[derive(Debug, Default)]
pub struct Labels {
    /// Text that is replaced wherever it occurs.
    texts: Vec<(String, String)>,
    topics: Vec<String>,
    /// Ports that are shown as those of listeners.
    ports: BTreeMap<i64, String>,
    pub(crate) numbers: BTreeMap<&'static str, Vec<i64>>,
    /// Names of fields whose values are hidden.
    pub hidden: Vec<&'static str>,
    /// Lists keep their order; otherwise they are sorted, since Kafka's order is often that of a hash map.
    pub exact_order: bool,
    /// Elements that speak of other cases' topics, groups and transactional ids are left out.
    pub own_topics_only: bool,
    /// The version of the request being shown: what it lacks is not sent, and not shown.
    pub(crate) sent_at: Option<i16>,
}

/// Fields that depend on the machine or on the cluster's past, wherever they occur.
const UNREPEATABLE: [&str; 7] = [
    "port",
    "host",
    "logDir",
    "totalBytes",
    "usableBytes",
    "finalizedFeaturesEpoch",
    "brokerEpoch",
];

/// Lists of plain values whose order means nothing.
const SETS: [&str; 3] = ["partitions", "partitionIds", "subscribedTopicNames"];

/// Fields that hold a member's id.
const MEMBERS: [&str; 2] = ["memberId", "leader"];

impl Labels {
    /// Gives a text a name.
    pub fn text(&mut self, actual: &str, label: &str) {
        if !self.texts.iter().any(|(known, _)| known == actual) {
            self.texts.push((actual.to_owned(), label.to_owned()));
            // Longer texts first: one may be part of another.
            self.texts
                .sort_by_key(|(known, _)| std::cmp::Reverse(known.len()));
        }
    }

    /// Has the port of an address be shown as that of a listener.
    pub fn port(&mut self, address: &str, listener: &str) {
        let port = address
            .rsplit_once(':')
            .and_then(|(_, port)| port.parse().ok());
        self.ports
            .extend(port.map(|port: i64| (port, listener.to_owned())));
    }

    /// Gives a topic its short name.
    pub fn topic(&mut self, actual: &str, short: &str) {
        self.text(actual, short);
        self.topics.push(actual.to_owned());
    }

    /// Shows a message body.
    pub fn message(&mut self, fields: &[Field], body: &Value, is_response: bool) -> Shown {
        match body {
            Value::Object(map) => {
                self.learn_topic_id(fields, body);
                let mut shown = Vec::new();
                for (name, value) in map {
                    let field = fields.iter().find(|field| field.name == *name);
                    let lacks = |version| field.is_some_and(|f| !f.versions.contains(version));
                    if is_response || !self.sent_at.is_some_and(lacks) {
                        shown.push((name.clone(), self.named(name, field, value, is_response)));
                    }
                }
                Shown::Object(shown)
            }
            other => self.plain("", other),
        }
    }

    fn named(
        &mut self,
        name: &str,
        field: Option<&Field>,
        value: &Value,
        is_response: bool,
    ) -> Shown {
        if self.hidden.contains(&name) {
            return Shown::Leaf(format!("<{name}>"));
        }
        match field {
            Some(field) => self.field(field, &field.kind, value, is_response),
            None => self.plain(name, value),
        }
    }

    fn field(&mut self, field: &Field, kind: &Kind, value: &Value, is_response: bool) -> Shown {
        match (kind, value) {
            (Kind::Array(element), Value::Array(items)) => {
                let kept = items.iter().filter(|item| self.is_kept(element, item));
                let kept: Vec<_> = kept.cloned().collect();
                let mut shown: Vec<_> = kept
                    .iter()
                    .map(|item| self.field(field, element, item, is_response))
                    .collect();
                let is_a_set =
                    matches!(**element, Kind::Struct(_)) || SETS.contains(&field.name.as_str());
                if is_response && !self.exact_order && is_a_set {
                    shown.sort_by_key(Shown::line);
                }
                Shown::List(shown)
            }
            (Kind::Struct(fields), value @ Value::Object(_)) => {
                self.message(fields, value, is_response)
            }
            (Kind::Uuid, Value::String(id)) => Shown::Leaf(self.id(id)),
            (Kind::Records, Value::String(hex)) => {
                let batches = crate::codec::bytes::unhex(hex)
                    .map(|bytes| crate::records::describe_sent(&bytes));
                self.plain(&field.name, batches.as_ref().unwrap_or(value))
            }
            (Kind::Bytes, Value::String(bytes)) => {
                let shown = subscriptions::describe(&field.name, bytes);
                self.plain(&field.name, shown.as_ref().unwrap_or(value))
            }
            (Kind::String, Value::String(text)) if is_response => {
                if MEMBERS.contains(&field.name.as_str()) {
                    self.learn_member(text);
                }
                self.plain(&field.name, value)
            }
            (Kind::Int(_), Value::Number(number)) => {
                let number = number.as_i64().unwrap_or_default();
                Shown::Leaf(self.number(&field.name, field.entity.as_deref(), number))
            }
            (_, value) => self.plain(&field.name, value),
        }
    }

    fn is_kept(&self, element: &Kind, item: &Value) -> bool {
        let Kind::Struct(fields) = element else {
            return true;
        };
        let name = ["topicName", "groupId", "transactionalId"]
            .iter()
            .find_map(|entity| entity_name(fields, item, entity));
        !self.own_topics_only || name.is_none_or(|name| self.topics.iter().any(|own| own == name))
    }

    /// A structure that holds a topic's name and its id tells whose id that is.
    fn learn_topic_id(&mut self, fields: &[Field], body: &Value) {
        let Some(name) = topic_name(fields, body).map(str::to_owned) else {
            return;
        };
        let ids = fields
            .iter()
            .filter(|field| matches!(field.kind, Kind::Uuid));
        for id in ids
            .filter_map(|field| body.get(&field.name))
            .filter_map(Value::as_str)
        {
            if !is_zero(id) && !name.is_empty() {
                let label = format!("<id of {}>", self.replaced(&name));
                self.text(id, &label);
            }
        }
    }

    /// Ids that a broker made for members: a client id or an instance id and a UUID, or an id like a topic's.
    fn learn_member(&mut self, id: &str) {
        let made = match id.len().checked_sub(UUID).and_then(|at| id.get(at..)) {
            Some(end) if is_uuid(end) => end,
            _ if id.len() == 22 && uuid_bytes(id).is_ok() => id,
            _ => return,
        };
        if !self.texts.iter().any(|(known, _)| known == made) {
            let count = self
                .texts
                .iter()
                .filter(|(_, label)| label.starts_with("<uuid "));
            let label = format!("<uuid {}>", count.count() + 1);
            self.text(made, &label);
        }
    }

    fn id(&mut self, id: &str) -> String {
        if is_zero(id) {
            return "zero".to_owned();
        }
        if !self.texts.iter().any(|(known, _)| known == id) {
            let count = self
                .texts
                .iter()
                .filter(|(_, label)| label.starts_with("<id "))
                .count();
            self.text(id, &format!("<id {}>", count + 1));
        }
        self.replaced(id)
    }

    /// Shows a value that no definition describes.
    fn plain(&mut self, name: &str, value: &Value) -> Shown {
        match value {
            Value::Object(map) => Shown::Object(
                map.iter()
                    .map(|(name, value)| (name.clone(), self.named(name, None, value, false)))
                    .collect(),
            ),
            Value::Array(items) => {
                Shown::List(items.iter().map(|item| self.plain(name, item)).collect())
            }
            Value::Number(number) => match number.as_i64() {
                Some(integer) => Shown::Leaf(self.number(name, None, integer)),
                None => Shown::Leaf(number.to_string()),
            },
            Value::String(text)
                if !text.is_empty() && UNREPEATABLE.contains(&name) && !is_of_acl(name, text) =>
            {
                Shown::Leaf(format!("<{name}>"))
            }
            Value::String(text) => Shown::Leaf(Value::String(self.replaced(text)).to_string()),
            other => Shown::Leaf(other.to_string()),
        }
    }

    fn number(&mut self, name: &str, entity: Option<&str>, value: i64) -> String {
        if (name.ends_with("rrorCode"))
            && let Some(error) = errors::name(value)
        {
            return if value == 0 {
                "0".to_owned()
            } else {
                format!("{value} {error}")
            };
        }
        match name {
            "port" if self.ports.contains_key(&value) => {
                let listener = self.ports.get(&value).map_or("", String::as_str);
                format!("<port of {listener}>")
            }
            _ if value >= 0 && UNREPEATABLE.contains(&name) => format!("<{name}>"),
            _ if value >= 0 && (entity == Some("producerId") || name.ends_with("roducerId")) => {
                self.ordinal("producer", value)
            }
            "sessionId" if value != 0 => self.ordinal("session", value),
            "metadataHash" if value != 0 => self.ordinal("hash", value),
            _ if entity == Some("brokerId") => value.to_string(),
            _ => time(value).unwrap_or_else(|| value.to_string()),
        }
    }

    /// The how-manieth such number this case has seen.
    fn ordinal(&mut self, what: &'static str, value: i64) -> String {
        let seen = self.numbers.entry(what).or_default();
        let at = seen
            .iter()
            .position(|known| *known == value)
            .unwrap_or_else(|| {
                seen.push(value);
                seen.len() - 1
            });
        format!("<{what} {}>", at + 1)
    }

    /// The text with every known part, and every time, replaced.
    pub fn replaced(&self, text: &str) -> String {
        let mut text = text.to_owned();
        for (actual, label) in &self.texts {
            text = text.replace(actual, label);
        }
        // Kafka's words have the insides of a request in them.
        if let Some((_, needs)) = text.split_once(") needs ")
            && text.starts_with("Request Request(")
        {
            text = format!("Request <request> needs {needs}");
        }
        replace_times(&text)
    }
}

/// The host of an ACL, which no machine decides.
fn is_of_acl(name: &str, text: &str) -> bool {
    name == "host" && (text == "*" || text.contains('/') || text.starts_with("10."))
}

fn replace_times(text: &str) -> String {
    let mut out = String::new();
    let mut digits = String::new();
    for c in text.chars().chain(['\0']) {
        if c.is_ascii_digit() {
            digits.push(c);
            continue;
        }
        let known = (digits.len() == 13)
            .then(|| digits.parse().ok().and_then(time))
            .flatten();
        out.push_str(known.as_deref().unwrap_or(&digits));
        digits.clear();
        out.push(c);
    }
    out.pop();
    out
}

/// A time that a case chose (within ten minutes of the base, or whole seconds away from it), or the
/// broker's own.
fn time(value: i64) -> Option<String> {
    const NEAR: i64 = 600_000;
    const YEAR: i64 = 31_536_000_000;
    let since = value.saturating_sub(clock::base_millis());
    let is_now = (value.saturating_sub(clock::millis())).saturating_abs() <= NEAR;
    match since {
        0 => Some("<base>".to_owned()),
        _ if since.saturating_abs() <= NEAR => Some(format!("<base{since:+}>")),
        _ if is_now => Some("<now>".to_owned()),
        _ if since.saturating_abs() <= YEAR && since % 1000 == 0 => {
            Some(format!("<base{since:+}>"))
        }
        _ => None,
    }
}

fn topic_name<'a>(fields: &[Field], body: &'a Value) -> Option<&'a str> {
    entity_name(fields, body, "topicName")
}

fn entity_name<'a>(fields: &[Field], body: &'a Value, entity: &str) -> Option<&'a str> {
    let field = fields
        .iter()
        .find(|field| field.entity.as_deref() == Some(entity))?;
    body.get(&field.name)?.as_str()
}

/// The length of a UUID as Java prints it.
const UUID: usize = 36;

fn is_uuid(text: &str) -> bool {
    text.bytes().enumerate().all(|(at, byte)| match at {
        8 | 13 | 18 | 23 => byte == b'-',
        _ => byte.is_ascii_hexdigit(),
    })
}

fn is_zero(id: &str) -> bool {
    id.bytes().all(|byte| byte == b'A')
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::codec::schema;

    fn shown(labels: &mut Labels, message: &str, body: &Value) -> String {
        let message = schema::message(message).unwrap();
        labels
            .message(&message.fields, body, message.name.ends_with("Response"))
            .line()
    }

    #[test]
    fn what_differs_from_run_to_run_gets_a_name() {
        let mut labels = Labels::default();
        labels.topic("a-17.4", "a");
        let id = "c29tZXRoaW5nIHVua25vdw";
        let body = json!({"topics": [{"errorCode": 3, "name": "a-17.4", "topicId": id}]});
        let expected = r#"{topics: [{errorCode: 3 UNKNOWN_TOPIC_OR_PARTITION, name: "a", topicId: <id of a>}]}"#;
        assert_eq!(shown(&mut labels, "MetadataResponse", &body), expected);
        assert_eq!(
            labels.replaced(&format!("no topic {id}")),
            "no topic <id of a>"
        );
    }

    #[test]
    fn ids_of_members_are_numbered() {
        let mut labels = Labels::default();
        let uuid = "0d5ad0ab-1d1f-4f0e-b0a0-8b0a4f3c5a11";
        let body = json!({"leader": format!("x-{uuid}"), "memberId": "c29tZXRoaW5nIHVua25vdw"});
        assert_eq!(
            shown(&mut labels, "JoinGroupResponse", &body),
            r#"{leader: "x-<uuid 1>", memberId: "<uuid 2>"}"#
        );
    }

    #[test]
    fn times_are_told_from_the_base_or_from_now() {
        let labels = Labels::default();
        let (base, now) = (clock::base_millis(), clock::millis());
        let text = format!("{base} {} {} {now} 12", base + 5, base - 86_400_000);
        assert_eq!(
            labels.replaced(&text),
            "<base> <base+5> <base-86400000> <now> 12"
        );
    }

    #[test]
    fn lists_in_answers_are_sorted_unless_told_otherwise() {
        let mut labels = Labels::default();
        let body = json!({"topics": [{"name": "b"}, {"name": "a"}]});
        assert_eq!(
            shown(&mut labels, "MetadataResponse", &body),
            r#"{topics: [{name: "a"}, {name: "b"}]}"#
        );
        labels.exact_order = true;
        assert_eq!(
            shown(&mut labels, "MetadataResponse", &body),
            r#"{topics: [{name: "b"}, {name: "a"}]}"#
        );
    }

    #[test]
    fn a_request_is_shown_as_it_is_sent() {
        let mut labels = Labels {
            sent_at: Some(12),
            ..Labels::default()
        };
        let body = json!({"topicData": [{"name": "a", "topicId": "AAAAAAAAAAAAAAAAAAAAAA"}]});
        assert_eq!(
            shown(&mut labels, "ProduceRequest", &body),
            r#"{topicData: [{name: "a"}]}"#
        );
    }
}
