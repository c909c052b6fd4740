//! JSON that knows on which line everything stands.

use serde::Deserialize as _;
use serde_json::value::RawValue;

/// Where a policy is wrong, and why.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {why}")]
pub(crate) struct BadPolicy {
    pub(crate) line: usize,
    pub(crate) why: String,
}

impl BadPolicy {
    pub(super) const fn new(line: usize, why: String) -> Self {
        Self { line, why }
    }
}

/// A value as it stands in a document.
#[derive(Debug, Clone, Copy)]
pub(super) struct Spot<'a> {
    document: &'a str,
    value: &'a RawValue,
}

/// What a value is.
#[derive(Debug)]
pub(super) enum Node<'a> {
    Text(String),
    List(Vec<Spot<'a>>),
    /// Names, where they end, and values.
    Object(Vec<(String, Spot<'a>)>),
    Other,
}

impl<'a> Spot<'a> {
    /// A whole document.
    ///
    /// # Errors
    /// It is no JSON.
    pub(super) fn read(document: &'a str) -> Result<Self, BadPolicy> {
        let value: Result<&RawValue, _> = serde_json::from_str(document);
        let value = value.map_err(|why| {
            let said = why.to_string();
            let said = said.split(" at line ").next().unwrap_or_default();
            let why_text = format!("it is not JSON: {said}");
            BadPolicy::new(why.line().max(1), why_text)
        })?;
        Ok(Self { document, value })
    }

    /// On which line it begins.
    pub(super) fn line(self) -> usize {
        let text = self.value.get();
        let offset = text
            .as_ptr()
            .addr()
            .saturating_sub(self.document.as_ptr().addr());
        let before = self.document.get(..offset).unwrap_or_default();
        before.matches('\n').count() + 1
    }

    /// An error about it.
    pub(super) fn fault(self, why: impl Into<String>) -> BadPolicy {
        BadPolicy::new(self.line(), why.into())
    }

    /// What it is.
    pub(super) fn node(self) -> Node<'a> {
        let text = self.value.get();
        let spot = |value| Self {
            document: self.document,
            value,
        };
        match text.as_bytes().first() {
            Some(b'"') => serde_json::from_str(text).map_or(Node::Other, Node::Text),
            Some(b'[') => {
                let all: Result<Vec<&'a RawValue>, _> = serde_json::from_str(text);
                all.map_or(Node::Other, |all| {
                    Node::List(all.into_iter().map(spot).collect())
                })
            }
            Some(b'{') => {
                let mut reader = serde_json::Deserializer::from_str(text);
                Entries::deserialize(&mut reader).map_or(Node::Other, |Entries(all)| {
                    let all = all.into_iter();
                    Node::Object(all.map(|(name, value)| (name, spot(value))).collect())
                })
            }
            _ => Node::Other,
        }
    }
}

/// An object's members, in their order, those that are there twice as well.
struct Entries<'a>(Vec<(String, &'a RawValue)>);

impl<'de> serde::Deserialize<'de> for Entries<'de> {
    fn deserialize<D: serde::Deserializer<'de>>(reader: D) -> Result<Self, D::Error> {
        reader.deserialize_map(Visitor)
    }
}

struct Visitor;

impl<'de> serde::de::Visitor<'de> for Visitor {
    type Value = Entries<'de>;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<M: serde::de::MapAccess<'de>>(self, mut map: M) -> Result<Self::Value, M::Error> {
        let mut all = Vec::new();
        while let Some(entry) = map.next_entry()? {
            all.push(entry);
        }
        Ok(Entries(all))
    }
}
