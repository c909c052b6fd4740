//! Requests that are well formed and say anything: each field is drawn from what may matter, and from what is odd.

use crate::sample::varint;
use crate::schema::{Field, Kind, Message, Scalar, Struct};

/// The group, member and topic that there are.
pub(crate) const GROUP: &str = "g";
pub(crate) const MEMBER: &str = "m";
pub(crate) const TOPIC: &str = "t";

const TEXTS: &[&str] = &[
    "",
    GROUP,
    MEMBER,
    TOPIC,
    "__consumer_offsets",
    "é\u{0}",
    "(",
    ".*",
    "0:9",
];
const DESCRIBE_SHARE_GROUP_OFFSETS: i16 = 90;
const NUMBERS: &[i64] = &[0, 1, 2, 3, -1, -2, 100, i64::MIN, i64::MAX];

/// A body of a request, by a seed; `topic` is the id of [`TOPIC`].
pub(crate) fn body(message: &Message, version: i16, seed: u64, topic: [u8; 16]) -> Vec<u8> {
    let mut writer = Writer {
        key: message.key,
        version,
        flexible: message.is_flexible(version),
        // Small seeds would begin alike.
        state: seed.wrapping_mul(0x9E37_79B9_7F4A_7C15),
        topic,
        bytes: Vec::new(),
    };
    writer.body(message.body);
    writer.bytes
}

struct Writer {
    key: i16,
    version: i16,
    flexible: bool,
    state: u64,
    topic: [u8; 16],
    bytes: Vec<u8>,
}

impl Writer {
    /// A number below a bound, by splitmix64.
    fn below(&mut self, bound: usize) -> usize {
        self.state = self.state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.state;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        usize::try_from((mixed ^ (mixed >> 31)) >> 1).unwrap() % bound
    }

    fn body(&mut self, body: &'static Struct) {
        let fields = || {
            let fields = body.fields.iter();
            fields.filter(|field| field.versions.contains(self.version))
        };
        let plain: Vec<_> = fields()
            .filter(|field| !field.is_tagged(self.version))
            .collect();
        let mut tagged: Vec<_> = fields()
            .filter(|field| field.is_tagged(self.version))
            .collect();
        for field in plain {
            self.value(field, field.kind, field.nullable.contains(self.version));
        }
        if !self.flexible {
            return;
        }
        tagged.retain(|_| self.below(2) == 0);
        tagged.sort_by_key(|field| field.tag.map(|tag| tag.number));
        self.bytes.extend(varint(length(tagged.len())));
        for field in tagged {
            self.bytes.extend(varint(field.tag.unwrap().number));
            let before = std::mem::take(&mut self.bytes);
            self.value(field, field.kind, field.nullable.contains(self.version));
            let value = std::mem::replace(&mut self.bytes, before);
            self.bytes.extend(varint(length(value.len())));
            self.bytes.extend(value);
        }
    }

    fn value(&mut self, field: &'static Field, kind: Kind, nullable: bool) {
        let is_null = nullable && self.below(4) == 0;
        match kind {
            Kind::Fixed(scalar) => self.fixed(field, scalar),
            Kind::Struct(body) => {
                if nullable {
                    self.bytes.push(if is_null { 0xFF } else { 1 });
                }
                if !is_null {
                    self.body(body);
                }
            }
            Kind::String if is_null => self.count(None, 2),
            Kind::Bytes | Kind::Array(_) if is_null => self.count(None, 4),
            Kind::String => {
                let text = self.text(field.name);
                self.count(Some(text.len()), 2);
                self.bytes.extend(text.as_bytes());
            }
            Kind::Bytes => {
                let count = self.below(8);
                self.count(Some(count), 4);
                self.bytes.extend(vec![7; count]);
            }
            Kind::Array(element) => {
                let count = [0, 1, 1, 2, 3][self.below(5)];
                self.count(Some(count), 4);
                for _ in 0..count {
                    self.value(field, *element, false);
                }
            }
        }
    }

    /// What is there, mostly.
    fn text(&mut self, field: &str) -> String {
        let name = field.to_lowercase();
        let known = [("group", GROUP), ("member", MEMBER), ("topic", TOPIC)];
        let known = known.iter().find(|(part, _)| name.contains(part));
        match (self.below(4), known) {
            (1.., Some((_, text))) => (*text).to_owned(),
            (0, _) if self.below(4) == 0 => "x".repeat(300),
            _ => TEXTS[self.below(TEXTS.len())].to_owned(),
        }
    }

    fn fixed(&mut self, field: &Field, scalar: Scalar) {
        let mut number = NUMBERS[self.below(NUMBERS.len())];
        if field
            .name
            .to_lowercase()
            .replace('_', "")
            .contains("maxwait")
        {
            // Nobody waits here.
            number = number.clamp(-2, 1);
        }
        if self.key == DESCRIBE_SHARE_GROUP_OFFSETS {
            // For half a minute Kafka's coordinator asks for the state of a partition that is not there.
            number &= 1;
        }
        let small = number.clamp(i32::MIN.into(), i32::MAX.into());
        match scalar {
            Scalar::Bool => self.bytes.push(u8::from(number > 0)),
            Scalar::Int8 => self.bytes.push(number.clamp(-128, 127).to_be_bytes()[7]),
            Scalar::Int16 | Scalar::Uint16 => {
                let short = number.clamp(i16::MIN.into(), i16::MAX.into());
                self.bytes.extend(&short.to_be_bytes()[6..]);
            }
            Scalar::Int32 => self.bytes.extend(&small.to_be_bytes()[4..]),
            Scalar::Int64 | Scalar::Float64 => self.bytes.extend(number.to_be_bytes()),
            Scalar::Uuid => {
                let ids = [self.topic, self.topic, [0; 16], [5; 16]];
                let id = ids[self.below(ids.len())];
                self.bytes.extend(id);
            }
        }
    }

    /// A length, of so many bytes where it is no varint; none for what is null.
    fn count(&mut self, count: Option<usize>, width: usize) {
        if self.flexible {
            let count = count.map_or(0, |count| length(count) + 1);
            self.bytes.extend(varint(count));
        } else {
            let count = count.map_or(-1, |count| i64::try_from(count).unwrap());
            self.bytes.extend(&count.to_be_bytes()[8 - width..]);
        }
    }
}

fn length(count: usize) -> u32 {
    u32::try_from(count).unwrap()
}
