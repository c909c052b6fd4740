//! What quotas make of a request.

use std::time::Duration;

use super::Windows;
use super::key::ClientQuota;
use super::limits::Tags;
use super::usage::Measure;
use crate::engine::api_error::ApiError;
use crate::engine::context::Context;
use crate::engine::ids::NOBODY;
use crate::wire::error::ErrorCode;
use crate::wire::units::NodeId;

/// A change of topics that has to wait (KIP-599).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Exceeded;

impl From<Exceeded> for ApiError {
    fn from(Exceeded: Exceeded) -> Self {
        Self::without_message(ErrorCode::ThrottlingQuotaExceeded)
    }
}

/// A client under a quota, as far as it is measured.
struct Account {
    tags: Tags,
    measure: Measure,
}

impl Context<'_> {
    /// Counts a Produce that is answered, or would be.
    pub(crate) fn charge_produce(&mut self) {
        let bytes = f64::from(u32::try_from(self.call.bytes).unwrap_or(u32::MAX));
        if let Some(account) = self.account(ClientQuota::Produce, self.call.node) {
            let key = (self.call.node, ClientQuota::Produce, account.tags);
            let usage = &mut self.state.quotas.usage;
            let throttle_ms = usage.record(key, bytes, account.measure);
            self.throttle(throttle_ms);
        }
    }

    /// Counts the answer to a Fetch. One that throttles carries nothing, so it counts for nothing.
    pub(crate) fn charge_fetch(&mut self, bytes: impl FnOnce() -> usize) -> bool {
        let Some(account) = self.account(ClientQuota::Fetch, self.call.node) else {
            return false;
        };
        let bytes = f64::from(u32::try_from(bytes()).unwrap_or(u32::MAX));
        let key = (self.call.node, ClientQuota::Fetch, account.tags);
        let usage = &mut self.state.quotas.usage;
        let throttle_ms = usage.record(key.clone(), bytes, account.measure);
        if throttle_ms > 0 {
            usage.unrecord(key, bytes, account.measure);
        }
        self.throttle(throttle_ms);
        throttle_ms > 0
    }

    /// More bytes than this are throttled in any case, so a Fetch reads no more.
    pub(crate) fn fetch_bytes_max(&self) -> Option<i32> {
        let account = self.account(ClientQuota::Fetch, self.call.node)?;
        let Measure { windows, limit, .. } = account.measure;
        let whole = windows.length.as_secs_f64() * f64::from(windows.count.saturating_sub(1));
        Some(saturated(limit? * whole))
    }

    /// Counts changes to partitions, if they may be. Those who ask with a version older than `strict_since`
    /// are throttled instead.
    pub(crate) fn charge_mutations(
        &mut self,
        partitions: usize,
        strict_since: i16,
    ) -> Result<(), Exceeded> {
        let controller = self.state.cluster.controller();
        let Some(account) = self.account(ClientQuota::ControllerMutation, controller) else {
            return Ok(());
        };
        let permits = f64::from(u32::try_from(partitions).unwrap_or(u32::MAX));
        let Account { tags, measure } = account;
        let usage = &mut self.state.quotas.usage;
        if self.call.version < strict_since {
            let throttle_ms = usage.take(tags, permits, measure);
            self.throttle(throttle_ms);
            return Ok(());
        }
        usage
            .take_strictly(tags, permits, measure)
            .map_err(|throttle_ms| {
                self.throttle(throttle_ms);
                Exceeded
            })
    }

    /// Counts a topic that is made because a client asks about it. The broker has the controller make it in the
    /// client's name, and tells nobody that it did not.
    pub(crate) fn may_create_on_demand(&mut self, partitions: usize) -> bool {
        let throttle_ms = self.throttle_ms;
        let charged = self.charge_mutations(partitions, i16::MIN);
        self.throttle_ms = throttle_ms;
        charged.is_ok()
    }

    /// Whom a quota measures this client with, if there are any such quotas.
    fn account(&self, quota: ClientQuota, node: NodeId) -> Option<Account> {
        let limits = self.state.quotas.limits.get(&quota);
        let limits =
            limits.filter(|limits| !limits.is_empty() && self.call.connection != NOBODY)?;
        let principal = self.state.sasl.principal(self.call.connection);
        let user = principal.strip_prefix("User:").unwrap_or(principal);
        let tags = limits.tags(user, &self.call.client_id);
        let measure = Measure {
            windows: self.windows(quota, node),
            now: self.now.elapsed,
            limit: limits.of(&tags),
        };
        Some(Account { tags, measure })
    }

    fn windows(&self, quota: ClientQuota, node: NodeId) -> Windows {
        let config = self.state.broker_config(node);
        let (count, seconds) = if quota == ClientQuota::ControllerMutation {
            (
                config.controller_quota_window_num,
                config.controller_quota_window_seconds,
            )
        } else {
            (config.quota_window_num, config.quota_window_seconds)
        };
        Windows {
            count: count.try_into().unwrap_or(1),
            length: Duration::from_secs(seconds.try_into().unwrap_or(1)),
        }
    }

    fn throttle(&mut self, millis: i32) {
        self.throttle_ms = self.throttle_ms.max(millis);
    }
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "narrows as Scala does: what is too large is the largest number"
)]
const fn saturated(number: f64) -> i32 {
    number as i32
}
