//! What a rule does to requests and answers.

use std::time::Duration;

use super::Rule;
use crate::engine::fault::{Action, Delay};
use crate::wire::error::ErrorCode;

/// Where in a request's way a rule acts; from [`Rule::before_apply`] and [`Rule::after_apply`]. What it does there comes next.
///
/// ```
/// # mod client { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/hello.rs")); }
/// # use client::hello;
/// # use fauxka::{Api, Broker};
/// let broker = Broker::builder().start_blocking()?;
/// let stage = broker.on(Api::ApiVersions).nth(1).before_apply();
/// stage.disconnect().mount();
/// assert!(hello(&broker).is_err());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
#[must_use = "a stage does nothing without an action"]
pub struct Stage<'a> {
    pub(super) rule: Rule<'a>,
    pub(super) after_apply: bool,
}

impl<'a> Stage<'a> {
    /// Answers with an error. Only what the rule selects fails; the rest of the request is done. After
    /// apply, all of it is done, and the answer says otherwise.
    ///
    /// ```
    /// # mod client { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/hello.rs")); }
    /// # use client::hello;
    /// # use fauxka::{Api, Broker, ErrorCode};
    /// let broker = Broker::builder().start_blocking()?;
    /// broker.on(Api::ApiVersions).before_apply().error(ErrorCode::UnsupportedVersion).mount();
    /// assert_eq!(hello(&broker)?, ErrorCode::UnsupportedVersion.code());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn error(self, code: ErrorCode) -> Rule<'a> {
        self.act(Action::Error(code))
    }

    /// Answers with one error per hit, then no more.
    ///
    /// ```
    /// # use fauxka::{Api, Broker, ErrorCode};
    /// let broker = Broker::builder().topic("orders", 2, 1).start_blocking()?;
    /// let codes = [ErrorCode::NotLeaderOrFollower, ErrorCode::RequestTimedOut];
    /// broker.on(Api::Produce).topic("orders").before_apply().errors(codes).mount();
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn errors(mut self, codes: impl IntoIterator<Item = ErrorCode>) -> Rule<'a> {
        for code in codes {
            let after_apply = self.after_apply;
            self = Self {
                rule: self.act(Action::Error(code)),
                after_apply,
            };
        }
        self.rule
    }

    /// Waits this long on the cluster's clock.
    ///
    /// ```
    /// # mod client { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/hello.rs")); }
    /// # use client::hello;
    /// # use std::time::Duration;
    /// # use fauxka::{Api, Broker};
    /// let broker = Broker::builder().start_blocking()?;
    /// broker.on(Api::ApiVersions).after_apply().delay(Duration::from_millis(20)).mount();
    /// let asked = std::time::Instant::now();
    /// hello(&broker)?;
    /// assert!(asked.elapsed() >= Duration::from_millis(20));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn delay(self, wait: Duration) -> Rule<'a> {
        self.delay_with_jitter(wait, Duration::ZERO)
    }

    /// Waits up to `jitter` more or less than `wait`, by chance from the cluster's seed.
    ///
    /// ```
    /// # mod client { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/hello.rs")); }
    /// # use client::hello;
    /// # use std::time::Duration;
    /// # use fauxka::{Api, Broker};
    /// let broker = Broker::builder().start_blocking()?;
    /// let (wait, jitter) = (Duration::from_millis(20), Duration::from_millis(10));
    /// broker.on(Api::ApiVersions).after_apply().delay_with_jitter(wait, jitter).mount();
    /// let asked = std::time::Instant::now();
    /// hello(&broker)?;
    /// assert!(asked.elapsed() >= wait - jitter);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn delay_with_jitter(self, wait: Duration, jitter: Duration) -> Rule<'a> {
        self.act(Action::Delay(Delay { wait, jitter }))
    }

    /// Answers at once and says in `throttleTimeMs` for how long it throttles. The cluster does not look at the connection's
    /// next request before that time has passed on its clock. Quotas do the same since KIP-219. Only after apply.
    ///
    /// ```
    /// # use std::time::Duration;
    /// # use fauxka::{Api, Broker};
    /// let broker = Broker::builder().start_blocking()?;
    /// let busy = broker.on(Api::Produce).client_id("batch-*").after_apply();
    /// busy.throttle(Duration::from_secs(2)).mount();
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn throttle(self, time: Duration) -> Rule<'a> {
        self.act(Action::Throttle(Delay {
            wait: time,
            jitter: Duration::ZERO,
        }))
    }

    /// Waits until you [release](super::MountedRule::release) the rule.
    ///
    /// ```
    /// # mod client { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/hello.rs")); }
    /// # use client::hello;
    /// # use std::time::Duration;
    /// # use fauxka::{Api, Broker};
    /// let broker = Broker::builder().start_blocking()?;
    /// let held = broker.on(Api::ApiVersions).before_apply().hold().mount();
    /// std::thread::scope(|scope| {
    ///     let client = scope.spawn(|| hello(&broker));
    ///     held.wait_for_hits_blocking(1, Duration::from_secs(10))?;
    ///     held.release();
    ///     assert_eq!(client.join().unwrap()?, 0);
    ///     # Ok::<(), Box<dyn std::error::Error>>(())
    /// })?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn hold(self) -> Rule<'a> {
        self.act(Action::Hold)
    }

    /// Never answers. The connection goes on waiting, as behind a broker that hangs.
    ///
    /// ```
    /// # use fauxka::{Api, Broker};
    /// let broker = Broker::builder().start_blocking()?;
    /// let lost = broker.on(Api::EndTxn).nth(1).after_apply().swallow().mount();
    /// assert!(lost.is_active());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn swallow(self) -> Rule<'a> {
        self.act(Action::Swallow)
    }

    /// Closes the connection.
    ///
    /// ```
    /// # mod client { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/hello.rs")); }
    /// # use client::hello;
    /// # use fauxka::{Api, Broker};
    /// let broker = Broker::builder().start_blocking()?;
    /// broker.on(Api::ApiVersions).before_apply().disconnect().mount();
    /// assert!(hello(&broker).is_err());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn disconnect(self) -> Rule<'a> {
        self.act(Action::Disconnect)
    }

    /// Does nothing this time: a place in a list of actions.
    ///
    /// ```
    /// # mod client { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/hello.rs")); }
    /// # use client::hello;
    /// # use fauxka::{Api, Broker};
    /// let broker = Broker::builder().start_blocking()?;
    /// let rule = broker.on(Api::ApiVersions).before_apply().pass().before_apply().disconnect();
    /// rule.mount();
    /// assert_eq!(hello(&broker)?, 0, "the first hit");
    /// assert!(hello(&broker).is_err(), "the second");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn pass(self) -> Rule<'a> {
        self.act(Action::Pass)
    }

    /// Puts a value into the answer. The path names the field as Kafka's own JSON of messages does. If there are arrays on
    /// the way, every element changes that the rule selects.
    ///
    /// ```
    /// # mod client { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/hello.rs")); }
    /// # use client::hello;
    /// # use fauxka::{Api, Broker};
    /// let broker = Broker::builder().start_blocking()?;
    /// let rule = broker.on(Api::ApiVersions).after_apply().edit("errorCode", 42);
    /// rule.mount();
    /// assert_eq!(hello(&broker)?, 42);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn edit(self, path: &str, value: impl Into<serde_json::Value>) -> Rule<'a> {
        self.act(Action::Edit([(path.to_owned(), value.into())].into()))
    }

    fn act(self, action: Action) -> Rule<'a> {
        let Self {
            mut rule,
            after_apply,
        } = self;
        let stage = if after_apply {
            &mut rule.spec.after_apply
        } else {
            &mut rule.spec.before_apply
        };
        stage.push(action);
        rule
    }
}
