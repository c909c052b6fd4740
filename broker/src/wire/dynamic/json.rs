//! A tree as JSON and back, in the manner of Kafka's own `JsonConverter` classes: names begin with
//! a small letter, uuids are written as Kafka prints them, bytes in base 64.

use base64::Engine as _;
use base64::prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD};
use bytes::Bytes;
use serde_json::{Map, Number, Value as Json};
use uuid::Uuid;

use super::Shape;
use super::error::Misfit;
use super::value::{Row, Value, same_name, small_first};
use crate::wire::guard::schema::{Kind, Scalar, Struct};

/// Where tagged fields stand that the version does not know: from number to bytes.
const UNKNOWN: &str = "_unknownTaggedFields";

impl Value {
    pub(crate) fn to_json(&self) -> Json {
        match self {
            Self::Null => Json::Null,
            Self::Bool(value) => Json::Bool(*value),
            Self::Int(number) => Json::Number((*number).into()),
            Self::Float(number) => Number::from_f64(*number).map_or(Json::Null, Json::Number),
            Self::Uuid(uuid) => Json::String(BASE64_URL_SAFE_NO_PAD.encode(uuid.as_bytes())),
            Self::Text(text) => Json::String(text.clone()),
            Self::Bytes(bytes) => Json::String(BASE64_STANDARD.encode(bytes)),
            Self::Array(elements) => elements.iter().map(Self::to_json).collect(),
            Self::Struct(row) => Json::Object(row.to_json()),
        }
    }
}

impl Row {
    fn to_json(&self) -> Map<String, Json> {
        let fields = self.iter();
        let mut object: Map<String, Json> = fields
            .map(|(name, value)| (small_first(name), value.to_json()))
            .collect();
        if !self.unknown.is_empty() {
            let unknown = self.unknown.iter().map(|(number, bytes)| {
                let text = BASE64_STANDARD.encode(bytes);
                (number.to_string(), Json::String(text))
            });
            object.insert(UNKNOWN.to_owned(), Json::Object(unknown.collect()));
        }
        object
    }
}

impl Shape {
    /// Reads a body. A field that is not there is as it is where nobody has set it.
    pub(crate) fn read_json(self, json: &Json) -> Result<Value, Misfit> {
        self.row_of(self.message.body, json).map(Value::Struct)
    }

    fn row_of(self, body: &'static Struct, json: &Json) -> Result<Row, Misfit> {
        let Json::Object(object) = json else {
            return Err(Misfit::new("an object is expected"));
        };
        let mut row = Row::initial(body, self.version);
        for (name, json) in object {
            if name == UNKNOWN {
                row.unknown = unknown(json)?;
                continue;
            }
            let field = self
                .field(body.fields, name)
                .ok_or_else(|| Misfit::new("this version has no such field").in_field(name))?;
            let value = if json.is_null() && field.nullable.contains(self.version) {
                Value::Null
            } else {
                self.value_of(field.kind, json)
                    .map_err(|misfit| misfit.in_field(name))?
            };
            let mut fields = row.fields.iter_mut();
            match fields.find(|(defined, _)| same_name(defined, field.name)) {
                Some((_, place)) => *place = value,
                None => row.fields.push((field.name, value)),
            }
        }
        Ok(row)
    }

    fn value_of(self, kind: Kind, json: &Json) -> Result<Value, Misfit> {
        let expected = |what: &str| Misfit::new(format!("{what} is expected"));
        Ok(match kind {
            Kind::Fixed(scalar) => {
                scalar_of(scalar, json).ok_or_else(|| expected(scalar_name(scalar)))?
            }
            Kind::String => Value::Text(json.as_str().ok_or_else(|| expected("a string"))?.into()),
            Kind::Bytes => Value::Bytes(bytes(json).ok_or_else(|| expected("base 64"))?),
            Kind::Struct(body) => Value::Struct(self.row_of(body, json)?),
            Kind::Array(element) => {
                let elements = json.as_array().ok_or_else(|| expected("an array"))?;
                let values = elements.iter().enumerate().map(|(index, json)| {
                    self.value_of(*element, json)
                        .map_err(|misfit| misfit.in_element(index))
                });
                Value::Array(values.collect::<Result<_, _>>()?)
            }
        })
    }
}

fn scalar_of(scalar: Scalar, json: &Json) -> Option<Value> {
    match scalar {
        Scalar::Bool => json.as_bool().map(Value::Bool),
        Scalar::Float64 => json.as_f64().map(Value::Float),
        Scalar::Uuid => {
            let bytes = BASE64_URL_SAFE_NO_PAD.decode(json.as_str()?).ok()?;
            Uuid::from_slice(&bytes).ok().map(Value::Uuid)
        }
        Scalar::Int8 | Scalar::Int16 | Scalar::Uint16 | Scalar::Int32 | Scalar::Int64 => {
            json.as_i64().map(Value::Int)
        }
    }
}

const fn scalar_name(scalar: Scalar) -> &'static str {
    match scalar {
        Scalar::Bool => "a boolean",
        Scalar::Float64 => "a number",
        Scalar::Uuid => "a uuid as Kafka writes it, of 22 letters,",
        _ => "a whole number",
    }
}

fn bytes(json: &Json) -> Option<Bytes> {
    Some(BASE64_STANDARD.decode(json.as_str()?).ok()?.into())
}

fn unknown(json: &Json) -> Result<Vec<(u32, Bytes)>, Misfit> {
    let fields = json.as_object().into_iter().flatten();
    let fields = fields.map(|(number, json)| Some((number.parse().ok()?, bytes(json)?)));
    let why = "tagged fields are numbers with base 64";
    fields
        .collect::<Option<_>>()
        .ok_or_else(|| Misfit::new(why).in_field(UNKNOWN))
}
