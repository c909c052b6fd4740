//! The tree.

use bytes::Bytes;
use uuid::Uuid;

use crate::wire::guard::schema::{Field, Initial, Kind, Scalar, Struct};

/// A value of a message.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Value {
    Null,
    Bool(bool),
    /// A whole number of any width; its field says how many bytes it takes.
    Int(i64),
    Float(f64),
    Uuid(Uuid),
    Text(String),
    /// Bytes, or record batches as they are.
    Bytes(Bytes),
    Array(Vec<Self>),
    Struct(Row),
}

/// Named values in the order of the wire. Tagged fields are there only if somebody set them.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Row {
    pub(super) fields: Vec<(&'static str, Value)>,
    /// Tagged fields that the version does not know.
    pub(super) unknown: Vec<(u32, Bytes)>,
}

/// Kafka's JSON begins names with a small letter where its definitions have a capital.
pub(super) fn same_name(defined: &str, asked: &str) -> bool {
    let mut defined = defined.chars();
    let mut asked = asked.chars();
    match (defined.next(), asked.next()) {
        (Some(a), Some(b)) => a.eq_ignore_ascii_case(&b) && defined.as_str() == asked.as_str(),
        _ => false,
    }
}

impl Row {
    pub(super) fn initial(body: &'static Struct, version: i16) -> Self {
        let fields = body.fields.iter();
        let in_place =
            fields.filter(|field| field.versions.contains(version) && !field.is_tagged(version));
        Self {
            fields: in_place
                .map(|field| (field.name, Value::initial(field, version)))
                .collect(),
            unknown: Vec::new(),
        }
    }

    /// A field's value, by its name as definitions or as JSON write it.
    pub(crate) fn get(&self, name: &str) -> Option<&Value> {
        let mut fields = self.fields.iter();
        fields
            .find(|(defined, _)| same_name(defined, name))
            .map(|(_, value)| value)
    }

    pub(crate) fn get_mut(&mut self, name: &str) -> Option<&mut Value> {
        let mut fields = self.fields.iter_mut();
        fields
            .find(|(defined, _)| same_name(defined, name))
            .map(|(_, value)| value)
    }

    /// Names and values in order.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&'static str, &Value)> {
        self.fields.iter().map(|(name, value)| (*name, value))
    }
}

impl Value {
    /// What a field is where nobody has set it.
    pub(super) fn initial(field: &'static Field, version: i16) -> Self {
        match field.initial {
            Initial::Null if field.nullable.contains(version) => Self::Null,
            Initial::Null | Initial::Zero => Self::zero(field.kind, version),
            Initial::Int(number) => match field.kind {
                Kind::Fixed(Scalar::Bool) => Self::Bool(number != 0),
                _ => Self::Int(number),
            },
        }
    }

    /// Zero, empty, or a struct of what nobody has set.
    pub(super) fn zero(kind: Kind, version: i16) -> Self {
        match kind {
            Kind::Fixed(Scalar::Bool) => Self::Bool(false),
            Kind::Fixed(Scalar::Float64) => Self::Float(0.0),
            Kind::Fixed(Scalar::Uuid) => Self::Uuid(Uuid::nil()),
            Kind::Fixed(_) => Self::Int(0),
            Kind::String => Self::Text(String::new()),
            Kind::Bytes => Self::Bytes(Bytes::new()),
            Kind::Array(_) => Self::Array(Vec::new()),
            Kind::Struct(body) => Self::Struct(Row::initial(body, version)),
        }
    }

    /// What it is, for messages about values that do not fit.
    pub(super) const fn kind(&self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Bool(_) => "a boolean",
            Self::Int(_) => "a whole number",
            Self::Float(_) => "a number",
            Self::Uuid(_) => "a uuid",
            Self::Text(_) => "a string",
            Self::Bytes(_) => "bytes",
            Self::Array(_) => "an array",
            Self::Struct(_) => "a struct",
        }
    }

    pub(crate) const fn as_int(&self) -> Option<i64> {
        match self {
            Self::Int(number) => Some(*number),
            _ => None,
        }
    }

    pub(crate) fn as_text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The elements of an array; none for anything else.
    pub(crate) fn elements(&self) -> &[Self] {
        match self {
            Self::Array(elements) => elements,
            _ => &[],
        }
    }

    pub(crate) const fn as_struct(&self) -> Option<&Row> {
        match self {
            Self::Struct(row) => Some(row),
            _ => None,
        }
    }
}

/// A name as Kafka's JSON has it.
pub(super) fn small_first(name: &str) -> String {
    let mut letters = name.chars();
    letters.next().map_or_else(String::new, |first| {
        format!("{}{}", first.to_ascii_lowercase(), letters.as_str())
    })
}

#[cfg(any(test, fuzzing))]
#[cfg(all(feature = "control", feature = "oauth", feature = "tls"))]
impl Value {
    /// Whether a tagged field that the version does not know is like that, in it or anywhere below.
    pub(crate) fn has_tag(&self, is_such: fn(u32) -> bool) -> bool {
        match self {
            Self::Array(elements) => elements.iter().any(|element| element.has_tag(is_such)),
            Self::Struct(row) => {
                let mut below = row.fields.iter();
                row.unknown.iter().any(|(tag, _)| is_such(*tag))
                    || below.any(|(_, value)| value.has_tag(is_such))
            }
            _ => false,
        }
    }
}
