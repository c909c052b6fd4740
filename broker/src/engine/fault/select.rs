//! Whether a rule is about a request, and about what in it.

use super::case::Case;
use super::entities::{NamedRow, Names, Selected};
use super::pattern::Pattern;
use super::rule::Rule;
use crate::engine::context::Call;
use crate::wire::api::Api;

impl Rule {
    /// Whether it may be about a request, by all that is known before the body is read.
    pub(super) fn is_about_call(
        &self,
        api: Api,
        call: &Call,
        (principal, software): (&str, Option<&str>),
        mechanism: Option<&str>,
    ) -> bool {
        let logs_in_so =
            |pattern: &Pattern| mechanism.is_some_and(|mechanism| pattern.matches(mechanism));
        let matches = |pattern: &Option<Pattern>, name: &str| {
            pattern.as_ref().is_none_or(|pattern| pattern.matches(name))
        };
        (self.api.is_empty() || self.api.contains(&api))
            && self.node.is_none_or(|node| node == call.node.0)
            && matches(&self.client_id, &call.client_id)
            && matches(&self.principal, principal)
            && matches(&self.software, software.unwrap_or_default())
            && self.mechanism.as_ref().is_none_or(logs_in_so)
    }

    /// Whether it is about something that requests name.
    pub(super) fn selects(&self) -> bool {
        Selected::ALL.iter().any(|kind| self.selector(*kind))
    }

    /// Whether it says which of a kind it is about.
    pub(super) const fn selector(&self, kind: Selected) -> bool {
        match kind {
            Selected::Topic => self.topic.is_some(),
            Selected::Partition => self.partition.is_some(),
            Selected::Group => self.group.is_some(),
            Selected::TransactionalId => self.transactional_id.is_some(),
            Selected::Member => self.member.is_some(),
        }
    }

    fn means(&self, kind: Selected, name: &str) -> bool {
        let matches = |pattern: &Option<Pattern>| {
            pattern.as_ref().is_none_or(|pattern| pattern.matches(name))
        };
        match kind {
            Selected::Topic => matches(&self.topic),
            Selected::Partition => self.partition.is_none_or(|index| index.to_string() == name),
            Selected::Group => matches(&self.group),
            Selected::TransactionalId => matches(&self.transactional_id),
            Selected::Member => matches(&self.member),
        }
    }

    /// Whether it is about what has these names; `missing` says so for a kind that has none.
    pub(super) fn means_all(&self, names: &Names, missing: &dyn Fn(Selected) -> bool) -> bool {
        let mut selectors = Selected::ALL.iter().filter(|kind| self.selector(**kind));
        selectors.all(|kind| {
            let mut names = names.of(*kind).peekable();
            if names.peek().is_none() {
                return missing(*kind);
            }
            names.any(|name| self.means(*kind, name))
        })
    }

    /// What of a request it is about; nothing if it is not about the request.
    pub(super) fn rows(&self, case: &Case) -> Option<Vec<NamedRow>> {
        if self.depth(case) == 0 {
            let means = self.means_all(&case.root, &|_| false);
            return means.then(|| case.rows.clone());
        }
        let is_below = |row: &NamedRow, kind| {
            let depth = case.tree.depth_of(kind);
            row.open && depth.is_some_and(|depth| depth > row.at.len())
        };
        let rows = case.rows.iter();
        let meant: Vec<_> = rows
            .filter(|row| self.means_all(&row.names, &|kind| is_below(row, kind)))
            .cloned()
            .collect();
        (!meant.is_empty()).then_some(meant)
    }

    /// How deep in the request's lists it selects.
    pub(super) fn depth(&self, case: &Case) -> usize {
        let selected = Selected::ALL.iter().filter(|kind| self.selector(**kind));
        let depths = selected.filter_map(|kind| case.tree.depth_of(*kind));
        depths.max().unwrap_or_default()
    }
}
