//! Bodies of requests, field by field from the definitions.

use serde_json::{Map, Value, json};

use super::chance::Chance;
use super::{configs, lists, streams, values};
use crate::codec::schema::{Field, Kind, Message};

/// What one request is about: most of its fields say the same thing.
#[derive(Debug, Clone, Copy)]
pub(super) struct Focus {
    /// A topic of the pool.
    pub(super) topic: usize,
    /// One of its partitions.
    pub(super) partition: usize,
    /// A group of the pool.
    pub(super) group: usize,
    /// A member of that group.
    pub(super) member: usize,
    /// A producer; 0 and 1 have transactional ids, 2 has none.
    pub(super) producer: usize,
}

/// Writes one body.
#[derive(Debug)]
pub(super) struct Writer<'a> {
    /// Where choices come from.
    pub(super) chance: &'a mut Chance,
    /// The request's API.
    pub(super) api: &'static str,
    /// The request's version.
    pub(super) version: i16,
    /// What it is about.
    pub(super) focus: Focus,
    /// How many fields in a hundred are unusual.
    pub(super) wildness: usize,
    /// What the sequence is about.
    pub(super) theme: &'static str,
}

impl Writer<'_> {
    /// The whole body.
    pub(super) fn body(&mut self, message: &Message) -> Value {
        let mut body = match self.api {
            "StreamsGroupHeartbeat" => streams::heartbeat(self),
            _ => self.structure("", &message.fields),
        };
        configs::tame(self.api, &mut body);
        body
    }

    /// Whether the next value is to be an unusual one.
    pub(super) fn is_wild(&mut self) -> bool {
        self.chance.percent(self.wildness)
    }

    fn structure(&mut self, owner: &str, fields: &[Field]) -> Value {
        let mut body = Map::new();
        for field in fields {
            if !field.versions.contains(self.version) {
                continue;
            }
            let tagged = field.tag.is_some();
            if tagged && !self.chance.percent(15) {
                continue;
            }
            body.insert(field.name.clone(), self.field(owner, field));
        }
        Value::Object(body)
    }

    fn field(&mut self, owner: &str, field: &Field) -> Value {
        let nullable = field.nullable.contains(self.version);
        // Kafka fails inside when records are null, and never answers.
        let nullable = nullable && !matches!(field.kind, Kind::Records);
        if nullable && self.is_wild() {
            return Value::Null;
        }
        match &field.kind {
            Kind::Array(element) => self.array(owner, field, element),
            Kind::Struct(fields) => match field.name.as_str() {
                "cursor" if !self.chance.percent(40) => Value::Null,
                _ => self.structure(&field.name, fields),
            },
            _ => values::leaf(self, owner, field),
        }
    }

    fn array(&mut self, owner: &str, field: &Field, element: &Kind) -> Value {
        if let Some(value) = lists::list(self, owner, field) {
            return value;
        }
        let count = match self.wildness {
            0 => 1,
            _ => *self.chance.weighted(&[(1, 0), (8, 1), (4, 2), (1, 3)]),
        };
        let before = self.focus;
        let mut items: Vec<Value> = Vec::new();
        for at in 0..count {
            if at > 0 {
                self.refocus(&field.name);
            }
            let item = match element {
                Kind::Struct(fields) => self.structure(&field.name, fields),
                _ => values::leaf(self, owner, field),
            };
            if !items.contains(&item) || self.chance.percent(25) {
                items.push(item);
            }
        }
        self.focus = before;
        json!(items)
    }

    /// Further elements are about something else.
    fn refocus(&mut self, list: &str) {
        match list {
            "members" | "assignments" => self.focus.member = self.chance.below(3),
            "groups" | "groupIds" | "groupsNames" => self.focus.group = 1 - self.focus.group,
            "partitions" | "partitionData" | "partitionIndexes" => {
                self.focus.partition = 1 - self.focus.partition
            }
            "markers" | "transactions" | "transactionalIds" => {
                self.focus.producer = self.chance.below(3)
            }
            _ => {
                self.focus.topic = self.chance.below(3);
                self.focus.partition = self.chance.below(2);
            }
        }
    }
}
