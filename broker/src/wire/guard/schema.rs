//! The shape of a message, as data: what the generated tables are made of.

/// An inclusive range of versions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Versions {
    pub(crate) first: i16,
    pub(crate) last: i16,
}

impl Versions {
    pub(crate) const NONE: Self = Self { first: 1, last: 0 };

    pub(crate) const fn contains(self, version: i16) -> bool {
        self.first <= version && version <= self.last
    }
}

/// A request or response at all its versions.
#[derive(Debug)]
pub(crate) struct Message {
    pub(crate) key: i16,
    pub(crate) name: &'static str,
    pub(crate) versions: Versions,
    /// First version with compact lengths and tagged fields (KIP-482); `i16::MAX` if there is none.
    pub(crate) flexible_from: i16,
    pub(crate) body: &'static Struct,
}

impl Message {
    pub(crate) const fn is_flexible(&self, version: i16) -> bool {
        version >= self.flexible_from
    }
}

/// Fields in the order of the wire.
#[derive(Debug)]
pub(crate) struct Struct {
    /// Bytes that one decoded value takes in memory, without what its arrays point to.
    pub(crate) memory: usize,
    pub(crate) fields: &'static [Field],
}

#[derive(Debug)]
pub(crate) struct Field {
    pub(crate) name: &'static str,
    pub(crate) versions: Versions,
    pub(crate) nullable: Versions,
    pub(crate) tag: Option<Tag>,
    pub(crate) kind: Kind,
    pub(crate) initial: Initial,
}

/// What a field is where nobody has set it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Initial {
    /// Zero, false or empty.
    Zero,
    Null,
    Int(i64),
}

/// Where a field travels among the tagged fields instead of at its place.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Tag {
    pub(crate) number: u32,
    pub(crate) versions: Versions,
}

#[derive(Debug, Clone, Copy)]
pub(crate) enum Kind {
    Fixed(Scalar),
    String,
    /// Bytes and records: only the length is looked at.
    Bytes,
    Struct(&'static Struct),
    Array(&'static Self),
}

/// A value that takes the same number of bytes whatever it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Scalar {
    Bool,
    Int8,
    Int16,
    Uint16,
    Int32,
    Int64,
    Float64,
    Uuid,
}

impl Scalar {
    pub(crate) const fn bytes(self) -> usize {
        match self {
            Self::Bool | Self::Int8 => 1,
            Self::Int16 | Self::Uint16 => 2,
            Self::Int32 => 4,
            Self::Int64 | Self::Float64 => 8,
            Self::Uuid => 16,
        }
    }
}

impl Kind {
    /// Bytes that one decoded value takes in memory, without what it points to.
    pub(crate) const fn memory(self) -> usize {
        match self {
            Self::Fixed(scalar) => scalar.bytes(),
            Self::String | Self::Bytes => 32,
            Self::Struct(body) => body.memory,
            Self::Array(_) => 24,
        }
    }
}

impl Field {
    pub(crate) const fn is_tagged(&self, version: i16) -> bool {
        matches!(self.tag, Some(tag) if tag.versions.contains(version))
    }
}

// The words that the generated tables are written in.

pub(super) const fn field(name: &'static str, first: i16, last: i16, kind: Kind) -> Field {
    let versions = Versions { first, last };
    Field {
        name,
        versions,
        nullable: Versions::NONE,
        tag: None,
        kind,
        initial: Initial::Zero,
    }
}

impl Field {
    pub(super) const fn nullable(mut self, first: i16, last: i16) -> Self {
        self.nullable = Versions { first, last };
        self
    }

    pub(super) const fn tagged(mut self, number: u32, first: i16, last: i16) -> Self {
        self.tag = Some(Tag {
            number,
            versions: Versions { first, last },
        });
        self
    }

    pub(super) const fn initially(mut self, initial: Initial) -> Self {
        self.initial = initial;
        self
    }
}
