//! Finding what a body names.

use uuid::Uuid;

use super::{Kind, Level, Selected, Tree};
use crate::wire::dynamic::{Row, Value};

/// Which body is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Side {
    Request,
    Response,
}

/// What something is called, in every way in which it is named.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Names(Vec<(Selected, String)>);

impl Names {
    pub(crate) fn add(&mut self, kind: Selected, name: impl Into<String>) {
        self.0.push((kind, name.into()));
    }

    /// All names of a kind.
    pub(crate) fn of(&self, kind: Selected) -> impl Iterator<Item = &str> {
        let named = self.0.iter().filter(move |(named, _)| *named == kind);
        named.map(|(_, name)| name.as_str())
    }
}

/// A row of a body, with what it and the rows that it lies in name.
#[derive(Debug, Clone)]
pub(crate) struct NamedRow {
    /// Its place in each list on the way; nothing for what a session remembers.
    pub(crate) at: Vec<usize>,
    pub(crate) names: Names,
    /// For each list on the way, what tells the row apart in the answer.
    pub(crate) keys: Vec<RowKeys>,
    /// The request does not name what lies below: all of it is meant.
    pub(crate) open: bool,
}

/// Fields of a row in the answer, and their values.
pub(crate) type RowKeys = Vec<(&'static str, Value)>;

/// Stands for a row's place among the keys, where nothing else tells rows apart; no field is called that.
const PLACE: &str = "#";

/// The place by which a row is found.
pub(crate) fn place_in(keys: &RowKeys) -> Option<usize> {
    let (_, place) = keys.iter().find(|(field, _)| *field == PLACE)?;
    usize::try_from(place.as_int()?).ok()
}

/// What it takes to read names: how the request says what its keys are, and topics by their ids.
pub(crate) struct Reading<'a> {
    pub(crate) side: Side,
    /// FindCoordinator's kind of key.
    pub(crate) key_type: i64,
    /// An empty list means everything, as a missing one does.
    pub(crate) empty_is_all: bool,
    pub(crate) topics: &'a dyn Fn(Uuid) -> Option<String>,
}

impl Reading<'_> {
    /// The rows at `depth` of a body, and those on the way that mean everything below them.
    pub(crate) fn rows(
        &self,
        tree: &Tree,
        body: &Value,
        root: &Names,
        depth: usize,
    ) -> Vec<NamedRow> {
        let start = NamedRow {
            at: Vec::new(),
            names: root.clone(),
            keys: Vec::new(),
            open: false,
        };
        let levels = tree.levels.get(..depth).unwrap_or(tree.levels);
        let mut found = Vec::new();
        self.descend(levels, body, start, &mut found);
        found
    }

    fn descend(
        &self,
        levels: &[Level],
        body: &Value,
        mut named: NamedRow,
        found: &mut Vec<NamedRow>,
    ) {
        let Some((level, below)) = levels.split_first() else {
            found.push(named);
            return;
        };
        let (list, inner) = match self.side {
            Side::Request => level.asked_in(),
            Side::Response => (level.response, None),
        };
        let elements = match body.get(list) {
            Some(Value::Array(elements)) if !list.is_empty() => elements.as_slice(),
            _ => &[],
        };
        let elements: Vec<&Value> = match inner {
            None => elements.iter().collect(),
            Some(inner) => {
                let lists = elements.iter().filter_map(|outer| outer.get(inner));
                lists.flat_map(Value::elements).collect()
            }
        };
        let says_all = list.is_empty() || matches!(body.get(list), None | Some(Value::Null));
        if says_all || (elements.is_empty() && self.empty_is_all) {
            named.open = true;
            found.push(named);
            return;
        }
        for (index, element) in elements.into_iter().enumerate() {
            let mut row = named.clone();
            row.at.push(index);
            let mut keys = self.name(level, element, &mut row.names);
            if level.goes_by_place() {
                keys.push((PLACE, Value::Int(i64::try_from(index).unwrap_or(i64::MAX))));
            }
            row.keys.push(keys);
            self.descend(below, element, row, found);
        }
    }

    /// Notes what a row names, and how it is told apart.
    pub(crate) fn name(&self, level: &Level, row: &Value, names: &mut Names) -> RowKeys {
        let mut keys = RowKeys::new();
        for key in level.keys {
            let field = match self.side {
                Side::Request => key.request,
                Side::Response => key.response,
            };
            let Some(value) = row.get(field).filter(|_| !key.is_unread(self.side)) else {
                continue;
            };
            self.note(key.kind, value, row, names);
            if !key.response.is_empty() {
                keys.push((key.response, value.clone()));
            }
        }
        keys
    }

    /// Notes what a field names; `row` is what it stands in.
    pub(crate) fn note(&self, kind: Kind, value: &Value, row: &Value, names: &mut Names) {
        let kind = match kind {
            Kind::Coordinated => match self.key_type {
                0 => Kind::Group,
                1 => Kind::TransactionalId,
                _ => return,
            },
            Kind::Resource => match row.get("ResourceType").and_then(Value::as_int) {
                Some(TOPIC_RESOURCE) => Kind::Topic,
                Some(GROUP_RESOURCE) => Kind::Group,
                _ => return,
            },
            Kind::Acl => match acl_type(row) {
                Some(TOPIC_RESOURCE) => Kind::Topic,
                Some(ACL_GROUP) => Kind::Group,
                Some(ACL_TRANSACTIONAL_ID) => Kind::TransactionalId,
                _ => return,
            },
            Kind::Topic
            | Kind::TopicId
            | Kind::Partition
            | Kind::Group
            | Kind::TransactionalId
            | Kind::Member
            | Kind::Other => kind,
        };
        match (kind, value) {
            (Kind::Topic, Value::Text(name)) => names.add(Selected::Topic, name),
            (Kind::TopicId, Value::Uuid(id)) => {
                if let Some(name) = (self.topics)(*id) {
                    names.add(Selected::Topic, name);
                }
            }
            (Kind::Partition, Value::Int(index)) => {
                names.add(Selected::Partition, index.to_string());
            }
            (Kind::Group, Value::Text(id)) => names.add(Selected::Group, id),
            (Kind::TransactionalId, Value::Text(id)) => names.add(Selected::TransactionalId, id),
            (Kind::Member, Value::Text(id)) => names.add(Selected::Member, id),
            _ => {}
        }
    }
}

/// Kinds of resource, by Kafka's numbers.
const TOPIC_RESOURCE: i64 = 2;
const GROUP_RESOURCE: i64 = 32;
const ACL_GROUP: i64 = 3;
const ACL_TRANSACTIONAL_ID: i64 = 5;

/// The kind of resource that an ACL, or a filter of ACLs, is about.
fn acl_type(row: &Value) -> Option<i64> {
    let kind = row
        .get("ResourceType")
        .or_else(|| row.get("ResourceTypeFilter"));
    kind.and_then(Value::as_int)
}

impl super::Key {
    /// A field that this body does not have: an empty name in the answer, where it is no element.
    const fn is_unread(&self, side: Side) -> bool {
        matches!(side, Side::Response) && self.response.is_empty()
    }
}

/// Whether a row of the answer is the one with these keys. What the request leaves open, such as an
/// id where it gave the name, fits.
pub(crate) fn is_row(row: &Row, keys: &RowKeys) -> bool {
    keys.iter().all(|(field, value)| match row.get(field) {
        None => true,
        Some(found) => found == value || is_nothing(value),
    })
}

/// A value by which nothing was named.
pub(crate) const fn is_nothing(value: &Value) -> bool {
    if let Value::Uuid(id) = value {
        id.is_nil()
    } else {
        matches!(value, Value::Null)
    }
}
