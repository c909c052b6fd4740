//! Bodies of requests by their schemas, whose every value somebody chooses: well formed, and about anything.

use bytes::BufMut as _;

use super::schema::{Field, Initial, Kind, Message, Scalar, Struct};

/// Who chooses the values of a message.
pub(crate) trait Choose {
    /// Whether something that may be left out is.
    fn omits(&mut self) -> bool;
    /// How many elements an array has.
    fn count(&mut self) -> u8;
    /// A number, by the field that it is for and by what that is where nobody has set it.
    fn number(&mut self, field: &str, initial: i64) -> i64;
    fn text(&mut self, field: &str) -> Vec<u8>;
    fn bytes(&mut self, field: &str) -> Vec<u8>;
    fn uuid(&mut self) -> [u8; 16];
}

/// The body of a message at a version.
pub(crate) fn body(message: &'static Message, version: i16, choose: &mut impl Choose) -> Vec<u8> {
    let mut writer = Writer {
        version,
        flexible: message.is_flexible(version),
        choose,
        bytes: Vec::new(),
    };
    writer.fields(message.body);
    writer.bytes
}

struct Writer<'a, C> {
    version: i16,
    flexible: bool,
    choose: &'a mut C,
    bytes: Vec<u8>,
}

impl<C: Choose> Writer<'_, C> {
    fn fields(&mut self, body: &'static Struct) {
        for field in body.fields {
            if field.versions.contains(self.version) && !field.is_tagged(self.version) {
                self.value(field, field.kind, field.nullable.contains(self.version));
            }
        }
        if self.flexible {
            self.tagged(body);
        }
    }

    fn tagged(&mut self, body: &'static Struct) {
        let all = body.fields.iter();
        let mut tagged: Vec<_> = all.filter(|field| field.is_tagged(self.version)).collect();
        tagged.retain(|_| !self.choose.omits());
        tagged.sort_by_key(|field| field.tag.map(|tag| tag.number));
        self.varint(tagged.len());
        for field in tagged {
            let number = field.tag.map_or(0, |tag| tag.number);
            self.varint(usize::try_from(number).unwrap_or_default());
            let outer = std::mem::take(&mut self.bytes);
            self.value(field, field.kind, field.nullable.contains(self.version));
            let value = std::mem::replace(&mut self.bytes, outer);
            self.varint(value.len());
            self.bytes.extend(value);
        }
    }

    fn value(&mut self, field: &'static Field, kind: Kind, nullable: bool) {
        if nullable && self.choose.omits() {
            return self.null(kind);
        }
        match kind {
            Kind::Fixed(scalar) => self.scalar(field, scalar),
            Kind::String => {
                let text = self.choose.text(field.name);
                self.length(text.len(), true);
                self.bytes.extend(text);
            }
            Kind::Bytes => {
                let bytes = self.choose.bytes(field.name);
                self.length(bytes.len(), false);
                self.bytes.extend(bytes);
            }
            Kind::Struct(body) => {
                if nullable {
                    self.bytes.push(1);
                }
                self.fields(body);
            }
            Kind::Array(element) => {
                let count = self.choose.count();
                self.length(usize::from(count), false);
                for _ in 0..count {
                    self.value(field, *element, false);
                }
            }
        }
    }

    fn scalar(&mut self, field: &'static Field, scalar: Scalar) {
        if scalar == Scalar::Uuid {
            let id = self.choose.uuid();
            return self.bytes.extend(id);
        }
        let initial = match field.initial {
            Initial::Zero | Initial::Null => 0,
            Initial::Int(initial) => initial,
        };
        let number = self.choose.number(field.name, initial);
        if scalar == Scalar::Float64 {
            let float = f64::from_bits(number.cast_unsigned());
            let small = i32::try_from(number).map(f64::from);
            return self.bytes.put_f64(small.unwrap_or(float));
        }
        let number = if scalar == Scalar::Bool {
            number & 1
        } else {
            number
        };
        self.bytes.put_int(number, scalar.bytes());
    }

    fn null(&mut self, kind: Kind) {
        let null: &[u8] = match kind {
            Kind::Struct(_) => &[0xFF],
            _ if self.flexible => &[0],
            Kind::String => &[0xFF; 2],
            Kind::Fixed(_) | Kind::Bytes | Kind::Array(_) => &[0xFF; 4],
        };
        self.bytes.extend(null);
    }

    fn length(&mut self, length: usize, of_text: bool) {
        if self.flexible {
            self.varint(length.saturating_add(1));
        } else if of_text {
            self.bytes
                .put_i16(i16::try_from(length).unwrap_or(i16::MAX));
        } else {
            self.bytes
                .put_i32(i32::try_from(length).unwrap_or(i32::MAX));
        }
    }

    fn varint(&mut self, mut value: usize) {
        loop {
            let [low, ..] = value.to_le_bytes();
            value >>= 7;
            if value == 0 {
                return self.bytes.push(low & 0x7F);
            }
            self.bytes.push(low | 0x80);
        }
    }
}
