//! Saying what goes wrong, from a test.

use std::ops::{RangeFrom, RangeInclusive};
use std::panic::Location;
use std::sync::Arc;
use std::time::Duration;

use super::{Broker, FaultBytes, FaultHandle};
use crate::engine::fault::{Action, BadRule, Delay, Expected, Pattern, Rule};
use crate::wire::api::Api;
use crate::wire::error::ErrorCode;

/// A fault rule that is yet to be mounted; from [`Broker::on`].
///
/// It says which requests it is about, on which of them it acts (all, unless something else is
/// said), and what it does: before the request is done ([`FaultRule::before_apply`]), or to its
/// answer ([`FaultRule::after_apply`]).
///
/// Names may hold `*` for any characters and `?` for any one.
///
/// ```
/// use std::time::Duration;
/// use fauxka::{Api, Broker, ErrorCode};
///
/// let broker = Broker::builder().topic("orders", 3, 1).start_blocking()?;
///
/// // The second batch for partition 0 is stored, but its producer never hears of it.
/// let lost = broker
///     .on(Api::Produce)
///     .topic("orders")
///     .partition(0)
///     .nth(2)
///     .after_apply()
///     .disconnect()
///     .mount();
///
/// // The next three commits of any group are refused.
/// broker
///     .on(Api::OffsetCommit)
///     .count(3)
///     .before_apply()
///     .error(ErrorCode::RebalanceInProgress)
///     .mount();
///
/// // Node 1 is slow.
/// broker
///     .on_any()
///     .node(1)
///     .before_apply()
///     .delay(Duration::from_millis(20))
///     .mount();
/// broker.heal();
/// # assert_eq!(lost.hits(), 0);
/// # Ok::<(), fauxka::StartError>(())
/// ```
#[derive(Debug)]
#[must_use = "a rule does nothing until it is mounted"]
pub struct FaultRule<'a> {
    broker: &'a Broker,
    pub(super) rule: Rule,
}

/// Where in a request's way a rule acts; what it does there comes next.
#[derive(Debug)]
#[must_use = "a stage does nothing without an action"]
pub struct FaultStage<'a> {
    fault: FaultRule<'a>,
    after_apply: bool,
}

/// How often a rule must have acted: `2`, `1..=3` or `1..`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Times(Expected);

impl From<u64> for Times {
    fn from(times: u64) -> Self {
        (times..=times).into()
    }
}

impl From<RangeInclusive<u64>> for Times {
    fn from(times: RangeInclusive<u64>) -> Self {
        Self(Expected {
            at_least: *times.start(),
            at_most: Some(*times.end()),
        })
    }
}

impl From<RangeFrom<u64>> for Times {
    fn from(times: RangeFrom<u64>) -> Self {
        Self(Expected {
            at_least: times.start,
            at_most: None,
        })
    }
}

impl Broker {
    /// A fault rule about requests of one kind.
    pub fn on(&self, api: Api) -> FaultRule<'_> {
        self.on_any().or_on(api)
    }

    /// A fault rule about all requests that name what it selects.
    pub fn on_any(&self) -> FaultRule<'_> {
        FaultRule {
            broker: self,
            rule: Rule::default(),
        }
    }

    /// Ends all fault rules: whatever they keep goes on. Rules that expect something are still asked
    /// for it when the cluster stops.
    pub fn heal(&self) {
        self.started.shared.heal();
    }
}

impl<'a> FaultRule<'a> {
    /// Requests of this kind as well.
    pub fn or_on(mut self, api: Api) -> Self {
        self.rule.api.push(api);
        self
    }

    /// What messages call the rule.
    pub fn named(mut self, name: impl Into<String>) -> Self {
        self.rule.name = Some(name.into());
        self
    }

    /// Only requests to the node of this id.
    pub const fn node(mut self, id: i32) -> Self {
        self.rule.node = Some(id);
        self
    }

    /// Only requests of clients of this id.
    pub fn client_id(mut self, id: &str) -> Self {
        self.rule.client_id = Some(Pattern::from(id));
        self
    }

    /// Only requests of clients that say they are this software, such as `apache-kafka-java` or
    /// `librdkafka`.
    pub fn software(mut self, name: &str) -> Self {
        self.rule.software = Some(Pattern::from(name));
        self
    }

    /// Only requests of this principal; `User:ANONYMOUS` where nobody logs in.
    pub fn principal(mut self, principal: &str) -> Self {
        self.rule.principal = Some(Pattern::from(principal));
        self
    }

    /// Only this topic, in requests that name topics by name or id.
    pub fn topic(mut self, name: &str) -> Self {
        self.rule.topic = Some(Pattern::from(name));
        self
    }

    /// Only this partition.
    pub const fn partition(mut self, index: i32) -> Self {
        self.rule.partition = Some(index);
        self
    }

    /// Only this group.
    pub fn group(mut self, id: &str) -> Self {
        self.rule.group = Some(Pattern::from(id));
        self
    }

    /// Only this transactional id.
    pub fn transactional_id(mut self, id: &str) -> Self {
        self.rule.transactional_id = Some(Pattern::from(id));
        self
    }

    /// Only the member of this id, or of this group instance id.
    pub fn member(mut self, id: &str) -> Self {
        self.rule.member = Some(Pattern::from(id));
        self
    }

    /// Acts on the n-th matching request, counted from 1; from there on, together with
    /// [`FaultRule::count`], [`FaultRule::every`] or [`FaultRule::probability`].
    pub const fn nth(mut self, n: u64) -> Self {
        self.rule.nth = Some(n);
        self
    }

    /// Acts so many times.
    pub const fn count(mut self, times: u64) -> Self {
        self.rule.count = Some(times);
        self
    }

    /// Acts on every n-th matching request.
    pub const fn every(mut self, n: u64) -> Self {
        self.rule.every = Some(n);
        self
    }

    /// Acts by chance, from the cluster's seed.
    pub const fn probability(mut self, probability: f64) -> Self {
        self.rule.probability = Some(probability);
        self
    }

    /// Acts until [`FaultHandle::release`].
    pub const fn until_released(mut self) -> Self {
        self.rule.until_released = true;
        self
    }

    /// What happens instead of the request, or before it is done. Said again, it is what happens at
    /// the next hit.
    pub const fn before_apply(self) -> FaultStage<'a> {
        FaultStage {
            fault: self,
            after_apply: false,
        }
    }

    /// What happens to the answer, once the request is done. Said again, it is what happens at the
    /// next hit.
    pub const fn after_apply(self) -> FaultStage<'a> {
        FaultStage {
            fault: self,
            after_apply: true,
        }
    }

    /// What happens to the bytes of connections, which are selected by [`FaultRule::node`] and
    /// [`FaultRule::client_id`] alone.
    pub const fn bytes(self) -> FaultBytes<'a> {
        FaultBytes::of(self)
    }

    /// Only counts.
    pub const fn observe(mut self) -> Self {
        self.rule.observe = true;
        self
    }

    /// Allows errors that Kafka never answers there.
    pub const fn unchecked(mut self) -> Self {
        self.rule.unchecked = true;
        self
    }

    /// How often the rule must have acted when the broker is dropped: `2`, `1..=3` or `1..`. If it
    /// has not, the drop panics with the line that mounted the rule and the cluster's seed.
    ///
    /// ```should_panic
    /// use fauxka::{Api, Broker};
    ///
    /// let broker = Broker::builder().start_blocking().unwrap();
    /// broker.on(Api::Produce).observe().expect(1..).mount();
    /// // Nobody has produced when the broker is dropped here.
    /// ```
    pub fn expect(mut self, times: impl Into<Times>) -> Self {
        self.rule.expect = Some(times.into().0);
        self
    }

    /// Puts the rule into force, after those that are.
    ///
    /// # Panics
    /// When the rule cannot be, with words on what would be right.
    #[track_caller]
    #[expect(clippy::panic, reason = "a test that is wrong must fail where it is")]
    pub fn mount(self) -> FaultHandle {
        match self.try_mount() {
            Ok(handle) => handle,
            Err(error) => panic!("{error}"),
        }
    }

    /// Puts the rule into force, after those that are.
    ///
    /// ```
    /// use fauxka::{Api, Broker};
    ///
    /// let broker = Broker::builder().start_blocking()?;
    /// let refused = broker.on(Api::Heartbeat).topic("orders").observe().try_mount();
    /// assert!(refused.unwrap_err().to_string().contains("leave `topic` out"));
    /// # Ok::<(), fauxka::StartError>(())
    /// ```
    ///
    /// # Errors
    /// When the rule cannot be, with words on what would be right.
    #[track_caller]
    pub fn try_mount(self) -> Result<FaultHandle, BadRule> {
        let place = Location::caller().to_string();
        let started = &self.broker.started;
        let mounted = started
            .shared
            .mount_fault(self.rule, Some(place), |_, id| id);
        let id = mounted?;
        Ok(FaultHandle {
            shared: Arc::clone(&started.shared),
            id,
            seed: started.seed,
        })
    }
}

impl<'a> FaultStage<'a> {
    /// Answers with an error. Only what the rule selects fails; the rest of the request is done. After
    /// apply, all of it is done, and the answer says otherwise.
    pub fn error(self, code: ErrorCode) -> FaultRule<'a> {
        self.act(Action::Error(code))
    }

    /// One error per hit, then no more.
    pub fn errors(mut self, codes: impl IntoIterator<Item = ErrorCode>) -> FaultRule<'a> {
        for code in codes {
            let after_apply = self.after_apply;
            self = Self {
                fault: self.act(Action::Error(code)),
                after_apply,
            };
        }
        self.fault
    }

    /// Waits, on the cluster's clock.
    pub fn delay(self, wait: Duration) -> FaultRule<'a> {
        self.delay_with_jitter(wait, Duration::ZERO)
    }

    /// Waits up to `jitter` more or less than `wait`, by chance from the cluster's seed.
    pub fn delay_with_jitter(self, wait: Duration, jitter: Duration) -> FaultRule<'a> {
        self.act(Action::Delay(Delay { wait, jitter }))
    }

    /// Answers at once and says in `throttleTimeMs` for how long it throttles; the connection's next request is
    /// not looked at before that time has passed on the cluster's clock. As quotas do since KIP-219; only
    /// after apply.
    ///
    /// ```
    /// use std::time::Duration;
    /// use fauxka::{Api, Broker};
    ///
    /// let broker = Broker::builder().start_blocking()?;
    /// let busy = broker.on(Api::Produce).client_id("batch-*");
    /// busy.after_apply().throttle(Duration::from_secs(2)).mount();
    /// # Ok::<(), fauxka::StartError>(())
    /// ```
    pub fn throttle(self, time: Duration) -> FaultRule<'a> {
        self.act(Action::Throttle(Delay {
            wait: time,
            jitter: Duration::ZERO,
        }))
    }

    /// Waits until [`FaultHandle::release`].
    pub fn hold(self) -> FaultRule<'a> {
        self.act(Action::Hold)
    }

    /// Never answers. The connection goes on waiting, as behind a broker that hangs.
    pub fn swallow(self) -> FaultRule<'a> {
        self.act(Action::Swallow)
    }

    /// Closes the connection.
    pub fn disconnect(self) -> FaultRule<'a> {
        self.act(Action::Disconnect)
    }

    /// Nothing, this time.
    pub fn pass(self) -> FaultRule<'a> {
        self.act(Action::Pass)
    }

    /// Puts a value into the answer, by the path of its field as Kafka's JSON names it. Of arrays on the
    /// way every element is changed that the rule selects.
    ///
    /// ```
    /// use fauxka::{Api, Broker};
    ///
    /// let broker = Broker::builder().start_blocking()?;
    /// broker
    ///     .on(Api::Produce)
    ///     .topic("orders")
    ///     .after_apply()
    ///     .edit("responses.partitionResponses.baseOffset", 7)
    ///     .mount();
    /// # Ok::<(), fauxka::StartError>(())
    /// ```
    pub fn edit(self, path: &str, value: impl Into<serde_json::Value>) -> FaultRule<'a> {
        self.act(Action::Edit([(path.to_owned(), value.into())].into()))
    }

    fn act(self, action: Action) -> FaultRule<'a> {
        let Self {
            mut fault,
            after_apply,
        } = self;
        let stage = if after_apply {
            &mut fault.rule.after_apply
        } else {
            &mut fault.rule.before_apply
        };
        stage.push(action);
        fault
    }
}
