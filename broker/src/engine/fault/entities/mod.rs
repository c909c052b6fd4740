//! What requests name, and where their answers say how each of it went.
//!
//! One row per API: the fields of a request that name a topic, a group and the like, the lists that
//! its answer has a row in for each, and the error codes that Kafka answers there. A test holds the
//! rows to the schemas of all versions.

mod fill;
mod rows;
mod table;
#[cfg(test)]
mod tests;

pub(crate) use fill::put;
pub(crate) use rows::{NamedRow, Names, Reading, RowKeys, Side, is_nothing, is_row, place_in};
pub(crate) use table::of;

use crate::wire::api::Api;
use crate::wire::dynamic::{Shape, Value};
use crate::wire::error::ErrorCode;

/// What a field names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Topic,
    TopicId,
    Partition,
    Group,
    TransactionalId,
    /// A member id or group instance id.
    Member,
    /// What `KeyType` says: a group or a transactional id.
    Coordinated,
    /// What the row's `ResourceType` says: a topic or a group.
    Resource,
    /// What an ACL or a filter of ACLs says: a topic, a group or a transactional id.
    Acl,
    /// Something that rules do not select, but that tells rows apart.
    Other,
}

/// A field that names something, in the request and in the answer; an empty name is the element of
/// an array itself.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Key {
    pub(crate) request: &'static str,
    pub(crate) response: &'static str,
    pub(crate) kind: Kind,
}

/// A list in the request and the list in the answer that has a row for each of its elements; an
/// empty name where one of the two has no such list. `A.B` in the request is every B of every A.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Level {
    pub(crate) request: &'static str,
    pub(crate) response: &'static str,
    pub(crate) keys: &'static [Key],
}

/// Where an answer has an error code.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ErrorField {
    /// In a row of this level, counted from 1; 0 is the answer itself.
    pub(crate) depth: usize,
    pub(crate) field: &'static str,
    /// What Kafka answers there, besides UNKNOWN_SERVER_ERROR.
    pub(crate) codes: &'static [ErrorCode],
    /// What else it sets there with an error, where that is not what nobody sets.
    pub(crate) fill: &'static [(&'static str, Fill)],
    /// Whose own text is the message; other errors have none there.
    pub(crate) texts: Texts,
    /// The level whose rows say the same, up to a version, where the answer itself fails.
    pub(crate) rows: Option<(usize, i16)>,
}

/// Errors of which Kafka answers what they say when nobody says more.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Texts {
    All,
    Of(&'static [ErrorCode]),
}

impl Texts {
    pub(crate) fn includes(self, code: ErrorCode) -> bool {
        match self {
            Self::All => true,
            Self::Of(codes) => codes.contains(&code),
        }
    }
}

/// A field's value in a row that is an error.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Fill {
    Int(i64),
    /// A number for one error.
    IntFor(ErrorCode, i64),
    /// Null, from this version on.
    NullSince(i16),
    /// Null for these errors.
    NullFor(&'static [ErrorCode]),
    /// A text.
    Text(&'static str),
    /// A text for one error.
    TextFor(ErrorCode, &'static str),
    /// The request's field of that name.
    Request(&'static str),
}

/// Nested lists, with their error codes; some APIs changed them from one version to another.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Tree {
    pub(crate) levels: &'static [Level],
    pub(crate) places: &'static [ErrorField],
}

/// What becomes of a request of which a part fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Apply {
    /// The rest is done; nothing, if there is no rest.
    Rest,
    /// The rest is done, even if that is an empty list: the answer says more than its rows.
    RestOrNone,
    /// It only reads, and is done as it is.
    Whole,
}

/// What the requests of an API name.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Entities {
    pub(crate) api: Api,
    /// Fields of the request itself.
    pub(crate) fields: &'static [Key],
    /// The first of these whose list the version has is in use.
    pub(crate) trees: &'static [Tree],
    pub(crate) apply: Apply,
}

impl Entities {
    /// The lists of a version.
    pub(crate) fn tree(&self, version: i16) -> Option<&'static Tree> {
        let request = Shape::request(self.api.key(), version).ok()?.initial();
        let response = Shape::response(self.api.key(), version).ok()?.initial();
        let exists = |tree: &&Tree| {
            tree.levels.first().is_none_or(|level| {
                let (list, _) = level.asked_in();
                let asked = list.is_empty() || request.get(list).is_some();
                asked && (level.response.is_empty() || response.get(level.response).is_some())
            })
        };
        self.trees.iter().find(exists)
    }

    /// Whether its requests name anything of a kind, at any version.
    pub(crate) fn names(&self, kind: Selected) -> bool {
        let mut levels = self.trees.iter().flat_map(|tree| tree.levels);
        self.fields.iter().any(|key| kind.is(key.kind))
            || levels.any(|level| level.keys.iter().any(|key| kind.is(key.kind)))
    }
}

/// What a rule can select by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Selected {
    Topic,
    Partition,
    Group,
    TransactionalId,
    Member,
}

impl Selected {
    pub(crate) const ALL: [Self; 5] = [
        Self::Topic,
        Self::Partition,
        Self::Group,
        Self::TransactionalId,
        Self::Member,
    ];

    /// Whether fields of that kind can name it.
    pub(crate) const fn is(self, kind: Kind) -> bool {
        matches!(
            (self, kind),
            (
                Self::Topic,
                Kind::Topic | Kind::TopicId | Kind::Resource | Kind::Acl
            ) | (Self::Partition, Kind::Partition)
                | (
                    Self::Group,
                    Kind::Group | Kind::Coordinated | Kind::Resource | Kind::Acl
                )
                | (
                    Self::TransactionalId,
                    Kind::TransactionalId | Kind::Coordinated | Kind::Acl
                )
                | (Self::Member, Kind::Member)
        )
    }

    /// The field of a rule.
    pub(crate) const fn field(self) -> &'static str {
        match self {
            Self::Topic => "topic",
            Self::Partition => "partition",
            Self::Group => "group",
            Self::TransactionalId => "transactional_id",
            Self::Member => "member",
        }
    }
}

impl Tree {
    /// The level that names a kind, counted from 1; none if the request itself does, or nothing.
    pub(crate) fn depth_of(&self, kind: Selected) -> Option<usize> {
        let names = |level: &Level| level.keys.iter().any(|key| kind.is(key.kind));
        let at = self.levels.iter().position(names)?;
        Some(at.saturating_add(1))
    }
}

impl Level {
    /// The request's list, and the list in each of its elements if it is that which counts.
    pub(crate) fn asked_in(&self) -> (&'static str, Option<&'static str>) {
        match self.request.split_once('.') {
            Some((outer, inner)) => (outer, Some(inner)),
            None => (self.request, None),
        }
    }

    /// Whether the answer's rows are told apart by their places alone.
    pub(crate) fn goes_by_place(&self) -> bool {
        let unnamed = self.keys.iter().all(|key| key.response.is_empty());
        unnamed && !self.keys.is_empty() && !self.response.is_empty()
    }
}

impl Tree {
    /// A new row of the answer at a depth; the answer itself at 0.
    pub(crate) fn row(&self, shape: Shape, depth: usize) -> Option<Value> {
        if depth == 0 {
            return Some(shape.initial());
        }
        let levels = self.levels.get(..depth)?;
        let path: Vec<_> = levels.iter().map(|level| level.response).collect();
        shape.element(&path.join("."))
    }
}

impl ErrorField {
    pub(crate) fn allows(&self, code: ErrorCode) -> bool {
        code == ErrorCode::None
            || code == ErrorCode::UnknownServerError
            || self.codes.contains(&code)
    }
}
