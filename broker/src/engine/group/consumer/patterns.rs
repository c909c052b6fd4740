//! Regular expressions over topic names: they are looked up after the heartbeat that brings them, again
//! when topics were made, and from time to time.

use std::collections::BTreeSet;

use super::ConsumerGroup;
use super::change::{Change, Resolved};
use super::hash;
use super::member::MemberUpdate;
use crate::engine::api_error::ApiError;
use crate::engine::group::turn::Turn;
use crate::engine::re2::Pattern;
use crate::wire::error::ErrorCode;

/// Not looked up again sooner, in milliseconds.
const REFRESH_LEAST: i64 = 10_000;

/// What a heartbeat's regular expression is to the group.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Renewed {
    No,
    /// It is another, and still to be looked up.
    Unresolved,
    /// It is another, whose topics are known, or there is none any more.
    Resolved,
}

impl ConsumerGroup {
    /// Notes that a member has another regular expression than before.
    pub(super) fn note_pattern(
        &self,
        heard: &MemberUpdate,
        changes: &mut Vec<Change>,
    ) -> Result<Renewed, ApiError> {
        let (old, new) = (heard.old.pattern(), heard.new.pattern());
        if heard.old.description.pattern == heard.new.description.pattern {
            return Ok(Renewed::No);
        }
        if let Some(old) = old.filter(|old| self.subscribers(old) == 1) {
            changes.push(Change::PatternGone(old.to_owned()));
        }
        match new {
            None => Ok(Renewed::Resolved),
            Some(new) if self.subscribers(new) == 0 => {
                Pattern::parse(new).map_err(|error| {
                    let message = format!(
                        "SubscribedTopicRegex `{new}` is not a valid regular expression: {error}."
                    );
                    ApiError::new(ErrorCode::InvalidRegularExpression, message)
                })?;
                Ok(Renewed::Unresolved)
            }
            Some(new) if self.resolved.contains_key(new) => Ok(Renewed::Resolved),
            Some(_) => Ok(Renewed::Unresolved),
        }
    }

    /// Which regular expressions are to be looked up: all, if one is new, topics were made since, or it is
    /// long ago. Not again soon after the last time.
    pub(super) fn patterns_due(
        &self,
        turn: &Turn<'_>,
        heard: &MemberUpdate,
        renewed: Renewed,
    ) -> Vec<String> {
        let new = heard.new.pattern();
        let is_new = renewed == Renewed::Unresolved
            && new.is_some_and(|pattern| self.subscribers(pattern) == 0);
        if !is_new && self.patterns(&[], None).is_empty() {
            return Vec::new();
        }
        let last = self.resolved.values().next();
        let now = turn.now.wall.0;
        let since = last.map(|resolved| now.saturating_sub(resolved.resolved_at));
        if since.is_some_and(|since| since <= REFRESH_LEAST) {
            return Vec::new();
        }
        let without = self.standing_for(&heard.new);
        let patterns = self.patterns(&without, Some(&heard.new));
        let interval = turn
            .config
            .consumer_group_regex_refresh_interval
            .as_millis();
        let interval = i64::try_from(interval).unwrap_or(i64::MAX);
        let due = is_new
            || patterns.len() != self.resolved.len()
            || last.is_none_or(|last| last.version < topics_version(turn))
            || since.is_none_or(|since| since > interval);
        if due {
            patterns.into_keys().map(str::to_owned).collect()
        } else {
            Vec::new()
        }
    }

    /// Looks regular expressions up. Kafka does so on a thread of its own, right after the heartbeat.
    pub(super) fn resolve_patterns(&mut self, turn: &mut Turn<'_>, patterns: Vec<String>) {
        if patterns.is_empty() {
            return;
        }
        let found = patterns.into_iter().map(|pattern| {
            let resolved = Resolved {
                topics: matching(&pattern, turn),
                version: topics_version(turn),
                resolved_at: turn.now.wall.0,
            };
            (pattern, resolved)
        });
        let found: Vec<(String, Resolved)> = found.collect();
        self.resolve(turn, found);
    }

    fn resolve(&mut self, turn: &mut Turn<'_>, found: Vec<(String, Resolved)>) {
        let before = |pattern: &str| self.resolved.get(pattern).map(|resolved| &resolved.topics);
        let none = BTreeSet::new();
        let mut bump = (found.iter())
            .any(|(pattern, resolved)| *before(pattern).unwrap_or(&none) != resolved.topics);
        let counts = self.topic_counts(&[], None, found.iter().map(|(_, resolved)| resolved));
        let metadata_hash = hash::of_topics(turn.cluster, counts.keys());
        bump |= metadata_hash != self.metadata_hash;
        let found = found.into_iter();
        let mut changes: Vec<Change> = found
            .map(|(pattern, resolved)| Change::Pattern(pattern, resolved))
            .collect();
        if bump {
            changes.push(Change::Epoch {
                epoch: self.epoch.saturating_add(1),
                metadata_hash,
            });
            self.metadata_seen = Some(turn.cluster.version());
        }
        self.commit(turn, changes);
    }
}

fn topics_version(turn: &Turn<'_>) -> i64 {
    turn.cluster.version_of_new_topics().cast_signed()
}

fn matching(pattern: &str, turn: &Turn<'_>) -> BTreeSet<String> {
    let Ok(pattern) = Pattern::parse(pattern) else {
        return BTreeSet::new();
    };
    let names = turn.cluster.topics().map(|topic| topic.name.as_str());
    names
        .filter(|name| pattern.matches(name) && turn.may_find(name))
        .map(str::to_owned)
        .collect()
}
