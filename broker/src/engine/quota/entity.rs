//! Who has quotas.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

use crate::engine::java::hash::{self, JavaHash};
use crate::engine::java::hash_map;

pub(crate) const USER: &str = "user";
pub(crate) const CLIENT_ID: &str = "client-id";
pub(crate) const IP: &str = "ip";

/// Entity types with their names; the default of a type has none. Requests may have anything here.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct Entity(BTreeMap<String, Option<String>>);

impl Entity {
    /// Of a type that is given twice the last name counts.
    pub(crate) fn new(names: impl IntoIterator<Item = (String, Option<String>)>) -> Self {
        Self(names.into_iter().collect())
    }

    /// The name for a type, if the entity has the type.
    pub(crate) fn name(&self, kind: &str) -> Option<Option<&str>> {
        self.0.get(kind).map(Option::as_deref)
    }

    /// How many types it has.
    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    /// Its types and names, in the order in which Kafka looks at them.
    pub(crate) fn names(&self) -> Vec<(&str, Option<&str>)> {
        let names = self.0.iter();
        let mut names: Vec<_> = names
            .map(|(kind, of)| (kind.as_str(), of.as_deref()))
            .collect();
        hash_map::sort_made_for(&mut names, |(kind, _)| kind);
        names
    }
}

impl JavaHash for Entity {
    /// Kafka's `ClientQuotaEntity.hashCode`.
    fn java_hash(&self) -> u32 {
        let names = self.0.iter();
        let names = names.map(|(kind, name)| (kind.as_str(), name.as_deref()));
        hash::of_map(names).wrapping_add(31)
    }
}

/// As Java writes it in messages.
impl fmt::Display for Entity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names = self.names().into_iter();
        let names = names.map(|(kind, name)| format!("{kind}={}", name.unwrap_or("null")));
        let names: Vec<_> = names.collect();
        write!(f, "ClientQuotaEntity(entries={{{}}})", names.join(", "))
    }
}
