//! Putting a rule into force.

use std::panic::Location;

use super::{MountedRule, Rule};
use crate::engine::fault::BadRule;

impl Rule<'_> {
    /// Puts the rule into force, after those that already are.
    ///
    /// ```
    /// # mod client { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/hello.rs")); }
    /// # use client::hello;
    /// # use fauxka::{Api, Broker};
    /// let broker = Broker::builder().start_blocking()?;
    /// let rule = broker.on(Api::ApiVersions).observe().mount();
    /// hello(&broker)?;
    /// assert_eq!(rule.hits(), 1);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Panics
    /// There can be no such rule. The message says what would be right.
    #[track_caller]
    #[expect(clippy::panic, reason = "a test that is wrong must fail where it is")]
    pub fn mount(self) -> MountedRule {
        match self.try_mount() {
            Ok(mounted) => mounted,
            Err(error) => panic!("{error}"),
        }
    }

    /// As [`Rule::mount`], without a panic.
    ///
    /// ```
    /// # use fauxka::{Api, Broker};
    /// let broker = Broker::builder().start_blocking()?;
    /// let refused = broker.on(Api::Heartbeat).topic("orders").observe().try_mount();
    /// assert!(refused.unwrap_err().to_string().contains("leave `topic` out"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// There can be no such rule. The message says what would be right.
    #[track_caller]
    pub fn try_mount(self) -> Result<MountedRule, BadRule> {
        let place = Location::caller().to_string();
        let started = &self.broker.started;
        let mounted = started
            .shared
            .mount_fault(self.spec, Some(place), |_, id| id);
        let (shared, id) = (self.broker.shared(), mounted?);
        Ok(MountedRule {
            shared,
            id,
            seed: started.seed,
        })
    }
}
