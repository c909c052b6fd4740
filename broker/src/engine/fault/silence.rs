//! Whether rules keep a member's heartbeats from its coordinator, asked in the place of heartbeats that nobody sends.

use std::time::Duration;

use super::entities::Selected;
use super::mounted::Mounted;
use super::pattern::Pattern;
use super::rule::{Action, ByteAction, Rule, Towards};
use super::{Faults, Phase};
use crate::engine::context::ConnectionId;
use crate::wire::api::Api;
use crate::wire::error::ErrorCode;
use crate::wire::units::NodeId;

/// The heartbeats of one member.
#[derive(Debug, Clone, Copy)]
pub(in crate::engine) struct Heartbeats<'a> {
    pub(in crate::engine) connection: ConnectionId,
    /// The coordinator, to which they go.
    pub(in crate::engine) node: NodeId,
    pub(in crate::engine) api: Api,
    pub(in crate::engine) client_id: &'a str,
    pub(in crate::engine) principal: &'a str,
    pub(in crate::engine) group: &'a str,
    pub(in crate::engine) member: &'a str,
    pub(in crate::engine) instance_id: Option<&'a str>,
    pub(in crate::engine) session: Duration,
}

impl Faults {
    /// Whether the coordinator would hear none of a member's heartbeats: its connection waits for a rule, or a rule
    /// takes each of them. A rule that acts by chance or only so many times lets some through, unless it holds one.
    pub(in crate::engine) fn silences(&self, beats: &Heartbeats<'_>) -> bool {
        let software = self.software.get(&beats.connection);
        let software = software.map_or("", String::as_str);
        let mut rules = self.rules.iter();
        self.kept().any(|kept| kept == beats.connection)
            || rules
                .any(|mounted| mounted.rule.is_about(beats, software) && mounted.takes_all(beats))
    }
}

impl Rule {
    fn is_about(&self, beats: &Heartbeats<'_>, software: &str) -> bool {
        let matches = |pattern: &Option<Pattern>, name: &str| {
            pattern.as_ref().is_none_or(|pattern| pattern.matches(name))
        };
        let is_member = |pattern: &Pattern| {
            let instance = beats.instance_id;
            pattern.matches(beats.member) || instance.is_some_and(|own| pattern.matches(own))
        };
        // Heartbeats that only keep a session name nothing else.
        let unnamed = [
            Selected::Topic,
            Selected::Partition,
            Selected::TransactionalId,
        ];
        (self.api.is_empty() || self.api.contains(&beats.api))
            && self.node.is_none_or(|node| node == beats.node.0)
            && matches(&self.client_id, beats.client_id)
            && matches(&self.principal, beats.principal)
            && matches(&self.software, software)
            && self.mechanism.is_none()
            && matches(&self.group, beats.group)
            && self.member.as_ref().is_none_or(is_member)
            && !unnamed.iter().any(|kind| self.selector(*kind))
    }
}

impl Mounted {
    /// Whether none of the heartbeats that the rule is about gets through.
    fn takes_all(&self, beats: &Heartbeats<'_>) -> bool {
        let rule = &self.rule;
        if let Some(bytes) = rule.bytes {
            // Also once it takes no more connections: it goes on with those that it took.
            return self.phase != Phase::Ended
                && bytes == ByteAction::Silence
                && rule.to != Some(Towards::Client);
        }
        let (_, after_apply) = rule.actions();
        let begins = rule
            .nth
            .is_none_or(|nth| self.matches.saturating_add(1) >= nth);
        let by_chance = rule.probability.is_some_and(|chance| chance < 1.0);
        let skips = rule.every.is_some_and(|every| every > 1) || by_chance;
        if self.phase != Phase::Active || after_apply || !begins || skips {
            return false;
        }
        let takes = match rule.action(self.hits.saturating_add(1)) {
            Some(Action::Hold) => return true,
            Some(Action::Error(code)) => *code != ErrorCode::None,
            Some(Action::Swallow | Action::Disconnect) => true,
            Some(Action::Delay(delay)) => delay.wait >= beats.session,
            Some(Action::Pass | Action::Throttle(_) | Action::Edit(_)) | None => false,
        };
        takes && rule.limit().is_none()
    }
}
