//! Settings by name, as Kafka writes names: with dots. TOML takes `a.b = 1` for tables within tables;
//! here that is the setting `a.b`, with quotes around it or without.

use std::collections::BTreeMap;
use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, Error, MapAccess, SeqAccess, Visitor};
use toml::Spanned;

/// Settings in order of their names.
#[derive(Debug, Default)]
pub(super) struct Settings(pub(super) Vec<Setting>);

#[derive(Debug)]
pub(super) struct Setting {
    pub(super) name: String,
    pub(super) value: String,
    /// Where its name begins.
    pub(super) at: usize,
}

/// A value, or values of longer names.
enum Node {
    Value(String),
    Longer(Entries),
}

type Entries = BTreeMap<Spanned<String>, Node>;

impl<'de> Deserialize<'de> for Settings {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let mut settings = Self::default();
        settings.collect("", Entries::deserialize(from)?);
        Ok(settings)
    }
}

impl Settings {
    fn collect(&mut self, prefix: &str, entries: Entries) {
        for (key, node) in entries {
            let at = key.span().start;
            let name = format!("{prefix}{}", key.get_ref());
            match node {
                Node::Value(value) => self.0.push(Setting { name, value, at }),
                Node::Longer(entries) => self.collect(&format!("{name}."), entries),
            }
        }
    }
}

impl<'de> Deserialize<'de> for Node {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_any(NodeVisitor)
    }
}

struct NodeVisitor;

impl<'de> Visitor<'de> for NodeVisitor {
    type Value = Node;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a setting's value: a text, number, boolean, or list of texts")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Node, E> {
        Ok(Node::Value(text.to_owned()))
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<Node, E> {
        Ok(Node::Value(number.to_string()))
    }

    fn visit_f64<E: Error>(self, number: f64) -> Result<Node, E> {
        Ok(Node::Value(number.to_string()))
    }

    fn visit_bool<E: Error>(self, is: bool) -> Result<Node, E> {
        Ok(Node::Value(is.to_string()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Node, A::Error> {
        let mut texts: Vec<String> = Vec::new();
        while let Some(text) = list.next_element()? {
            texts.push(text);
        }
        Ok(Node::Value(texts.join(",")))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Node, A::Error> {
        let mut entries = Entries::new();
        while let Some((key, node)) = map.next_entry()? {
            entries.insert(key, node);
        }
        Ok(Node::Longer(entries))
    }
}
