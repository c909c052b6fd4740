//! All ACLs of a cluster, by what they are about.

use std::collections::BTreeMap;
use std::ops::Bound;
use std::sync::Arc;

use super::acl::{Acl, WILDCARD};
use super::filter::AclFilter;
use super::words::{PatternType, ResourceType};

/// Those about one name, in the order of [`Acls::about`].
type Entries = Vec<Arc<Acl>>;

/// All of them; each is there once.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Acls {
    by_type: BTreeMap<ResourceType, Names>,
    count: usize,
}

/// Those about one type of resources, by name.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Names {
    literal: BTreeMap<String, Entries>,
    prefixed: BTreeMap<String, Entries>,
}

impl Names {
    const fn of(&mut self, pattern: PatternType) -> &mut BTreeMap<String, Entries> {
        match pattern {
            PatternType::Literal => &mut self.literal,
            PatternType::Prefixed => &mut self.prefixed,
        }
    }
}

/// In which order Kafka looks at those about the same name.
fn order(acl: &Acl) -> impl Ord + use<'_> {
    (acl.operation, &acl.principal, &acl.host, acl.permission)
}

impl Acls {
    pub(crate) const fn len(&self) -> usize {
        self.count
    }

    /// Adds one. Says whether it is new.
    pub(crate) fn add(&mut self, acl: Acl) -> bool {
        let names = self.by_type.entry(acl.resource_type).or_default();
        let names = names.of(acl.pattern);
        let entries = names.entry(acl.resource.clone()).or_default();
        let place = entries.binary_search_by(|known| order(known).cmp(&order(&acl)));
        let Err(place) = place else {
            return false;
        };
        entries.insert(place, Arc::new(acl));
        self.count = self.count.saturating_add(1);
        true
    }

    pub(crate) fn has(&self, acl: &Acl) -> bool {
        let Some(names) = self.by_type.get(&acl.resource_type) else {
            return false;
        };
        let names = match acl.pattern {
            PatternType::Literal => &names.literal,
            PatternType::Prefixed => &names.prefixed,
        };
        let entries = names.get(&acl.resource).map_or(&[][..], Vec::as_slice);
        let found = entries.binary_search_by(|known| order(known).cmp(&order(acl)));
        found.is_ok()
    }

    /// Takes one away. Says whether it was there.
    pub(crate) fn remove(&mut self, acl: &Acl) -> bool {
        let Some(names) = self.by_type.get_mut(&acl.resource_type) else {
            return false;
        };
        let names = names.of(acl.pattern);
        let Some(entries) = names.get_mut(&acl.resource) else {
            return false;
        };
        let Ok(place) = entries.binary_search_by(|known| order(known).cmp(&order(acl))) else {
            return false;
        };
        entries.remove(place);
        if entries.is_empty() {
            names.remove(&acl.resource);
        }
        self.count = self.count.saturating_sub(1);
        true
    }

    /// All, by type, pattern and name.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &Arc<Acl>> {
        let all = self.by_type.values();
        let all = all.flat_map(|names| names.literal.values().chain(names.prefixed.values()));
        all.flatten()
    }

    /// Those that are meant.
    pub(crate) fn matching<'a>(
        &'a self,
        filter: &'a AclFilter,
    ) -> impl Iterator<Item = &'a Arc<Acl>> {
        self.iter().filter(|acl| filter.matches(acl))
    }

    /// Those about a resource, in the order in which Kafka looks at them: those of its own name, those of the longest
    /// prefix, of shorter ones, and those for all names.
    pub(crate) fn about<'a>(
        &'a self,
        resource_type: ResourceType,
        name: &'a str,
    ) -> impl Iterator<Item = &'a Arc<Acl>> {
        let names = self.by_type.get(&resource_type);
        let literal = move |name| names.and_then(|names| names.literal.get(name));
        // One that is called as the wildcard is looked at once.
        let own = (name != WILDCARD).then(|| literal(name)).flatten();
        let prefixed = names.map(|names| prefixes(&names.prefixed, name));
        let entries = own.into_iter().chain(prefixed.into_iter().flatten());
        entries.chain(literal(WILDCARD)).flatten()
    }

    /// Those about one type of resources.
    pub(crate) fn of_type(&self, resource_type: ResourceType) -> impl Iterator<Item = &Arc<Acl>> {
        let names = self.by_type.get(&resource_type).into_iter();
        let entries = names.flat_map(|names| names.literal.values().chain(names.prefixed.values()));
        entries.flatten()
    }
}

/// What is known of the beginnings of a name, from the longest on. Takes a look at each beginning that is there and at
/// as many names that are none at most, however many names there are.
fn prefixes<'a>(
    known: &'a BTreeMap<String, Entries>,
    name: &'a str,
) -> impl Iterator<Item = &'a Entries> {
    let mut bound = Bound::Included(name);
    std::iter::from_fn(move || {
        loop {
            let mut smaller = known.range::<str, _>((Bound::Unbounded, bound));
            let (found, entries) = smaller.next_back()?;
            if name.starts_with(found.as_str()) {
                bound = Bound::Excluded(found);
                return Some(entries);
            }
            // No beginning of the name that is longer than what they have in common is smaller.
            bound = Bound::Included(common(name, found));
        }
    })
}

/// How two names begin alike.
fn common<'a>(name: &'a str, other: &str) -> &'a str {
    let mut pairs = name.char_indices().zip(other.chars());
    let differs = pairs.find(|((_, a), b)| a != b);
    let end = differs.map_or_else(|| name.len().min(other.len()), |((at, _), _)| at);
    name.get(..end).unwrap_or_default()
}
