//! Valid encodings of every message, made from the tables, with a note of where each length
//! stands: what the tests of the guard, the codec and the server start from.

use super::schema::{Field, Kind, Message, Struct};

/// How much a sample says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fill {
    /// Null where null is allowed, and empty or 0 elsewhere.
    Empty,
    /// Nothing is null, two elements in every array, all tagged fields.
    Full,
}

/// One encoded message body.
#[derive(Debug)]
pub(crate) struct Sample {
    pub(crate) bytes: Vec<u8>,
    pub(crate) lengths: Vec<Length>,
}

/// A length on the wire.
#[derive(Debug, Clone)]
pub(crate) struct Length {
    #[allow(dead_code, reason = "read by the hostile test, which shares this file")]
    pub(crate) path: String,
    pub(crate) at: usize,
    pub(crate) form: Form,
    pub(crate) of: Of,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    Int16,
    Int32,
    /// A varint; lengths are one more than they are, and 0 is null.
    Compact,
    /// A varint as it is: the number of tagged fields.
    Count,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Of {
    Array,
    String,
    Bytes,
    TaggedFields,
}

impl Form {
    /// This length, as the wire has it; too large ones are cut to the largest.
    pub(crate) fn encode(self, length: u32) -> Vec<u8> {
        match self {
            Self::Int16 => i16::try_from(length)
                .unwrap_or(i16::MAX)
                .to_be_bytes()
                .to_vec(),
            Self::Int32 => i32::try_from(length)
                .unwrap_or(i32::MAX)
                .to_be_bytes()
                .to_vec(),
            Self::Compact => varint(length.saturating_add(1)),
            Self::Count => varint(length),
        }
    }

    /// How many bytes the small lengths of a sample take.
    const fn width(self) -> usize {
        match self {
            Self::Int16 => 2,
            Self::Int32 => 4,
            Self::Compact | Self::Count => 1,
        }
    }
}

impl Sample {
    pub(crate) fn new(message: &'static Message, version: i16, fill: Fill) -> Self {
        let flexible = message.is_flexible(version);
        let mut writer = Writer {
            version,
            flexible,
            fill,
            path: Vec::new(),
            sample: Self {
                bytes: Vec::new(),
                lengths: Vec::new(),
            },
        };
        writer.body(message.body);
        writer.sample
    }

    /// The same body with one length replaced.
    pub(crate) fn with_length(&self, length: &Length, announced: u32) -> Vec<u8> {
        let (before, after) = self.bytes.split_at(length.at);
        let mut bytes = before.to_vec();
        bytes.extend(length.form.encode(announced));
        bytes.extend(after.iter().skip(length.form.width()));
        bytes
    }
}

pub(crate) fn varint(mut value: u32) -> Vec<u8> {
    let mut bytes = Vec::new();
    loop {
        let [low, ..] = value.to_le_bytes();
        value >>= 7;
        if value == 0 {
            bytes.push(low & 0x7F);
            return bytes;
        }
        bytes.push(low | 0x80);
    }
}

struct Writer {
    version: i16,
    flexible: bool,
    fill: Fill,
    path: Vec<&'static str>,
    sample: Sample,
}

impl Writer {
    fn body(&mut self, body: &'static Struct) {
        for field in body.fields {
            if field.versions.contains(self.version) && !field.is_tagged(self.version) {
                self.field(field);
            }
        }
        if self.flexible {
            self.tagged_fields(body);
        }
    }

    fn field(&mut self, field: &'static Field) {
        self.path.push(field.name);
        self.value(field.kind, field.nullable.contains(self.version));
        self.path.pop();
    }

    fn tagged_fields(&mut self, body: &'static Struct) {
        let mut tagged: Vec<&'static Field> = Vec::new();
        if self.fill == Fill::Full {
            tagged.extend(
                body.fields
                    .iter()
                    .filter(|field| field.is_tagged(self.version)),
            );
            tagged.sort_by_key(|field| field.tag.map(|tag| tag.number));
        }
        self.path.push("tagged fields");
        self.length(
            Form::Count,
            Of::TaggedFields,
            u32::try_from(tagged.len()).unwrap(),
        );
        self.path.pop();
        for field in tagged {
            self.sample.bytes.extend(varint(field.tag.unwrap().number));
            let mut value = Self {
                version: self.version,
                flexible: self.flexible,
                fill: self.fill,
                path: self.path.clone(),
                sample: Sample {
                    bytes: Vec::new(),
                    lengths: Vec::new(),
                },
            };
            value.field(field);
            let Sample { bytes, mut lengths } = value.sample;
            self.sample
                .bytes
                .extend(varint(u32::try_from(bytes.len()).unwrap()));
            for length in &mut lengths {
                length.at += self.sample.bytes.len();
            }
            self.sample.lengths.extend(lengths);
            self.sample.bytes.extend(bytes);
        }
    }

    fn value(&mut self, kind: Kind, nullable: bool) {
        let full = self.fill == Fill::Full;
        match kind {
            Kind::Fixed(scalar) => {
                let mut bytes = vec![0; scalar.bytes()];
                bytes[scalar.bytes() - 1] = u8::from(full);
                self.sample.bytes.extend(bytes);
            }
            Kind::Struct(body) if nullable => {
                self.sample.bytes.push(if full { 1 } else { 0xFF });
                if full {
                    self.body(body);
                }
            }
            Kind::Struct(body) => self.body(body),
            _ if nullable && !full => self.null(kind),
            Kind::String | Kind::Bytes => {
                let of = if matches!(kind, Kind::String) {
                    Of::String
                } else {
                    Of::Bytes
                };
                let text: &[u8] = if full { b"abc" } else { b"" };
                self.length(self.form(of), of, u32::try_from(text.len()).unwrap());
                self.sample.bytes.extend(text);
            }
            Kind::Array(element) => {
                let count = if full { 2 } else { 0 };
                self.length(self.form(Of::Array), Of::Array, count);
                for _ in 0..count {
                    self.value(*element, false);
                }
            }
        }
    }

    fn null(&mut self, kind: Kind) {
        let null: &[u8] = match kind {
            _ if self.flexible => &[0],
            Kind::String => &[0xFF; 2],
            Kind::Fixed(_) | Kind::Bytes | Kind::Struct(_) | Kind::Array(_) => &[0xFF; 4],
        };
        self.sample.bytes.extend(null);
    }

    fn form(&self, of: Of) -> Form {
        match of {
            _ if self.flexible => Form::Compact,
            Of::String => Form::Int16,
            Of::Array | Of::Bytes | Of::TaggedFields => Form::Int32,
        }
    }

    fn length(&mut self, form: Form, of: Of, length: u32) {
        let at = self.sample.bytes.len();
        self.sample.lengths.push(Length {
            path: self.path.join("."),
            at,
            form,
            of,
        });
        self.sample.bytes.extend(form.encode(length));
    }
}
