//! Which requests a rule is about.

use std::sync::Arc;

use super::{ByteStage, MountedRule, Stage};
use crate::embed::broker::Broker;
use crate::engine::fault::{Pattern, Rule as Spec, UnknownRule};
use crate::wire::api::Api;

/// A fault rule that is yet to be mounted; from [`Broker::on`].
///
/// It says which requests it is about, on which of them it acts (all, unless you say otherwise), and what it does:
/// before the request is done ([`Rule::before_apply`]), or to its answer ([`Rule::after_apply`]).
///
/// Names can hold `*` for any characters and `?` for any one.
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
pub struct Rule<'a> {
    pub(super) broker: &'a Broker,
    pub(super) spec: Spec,
}

impl Broker {
    /// A fault rule about requests of one kind.
    ///
    /// ```
    /// # mod client { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/hello.rs")); }
    /// # use client::hello;
    /// # use fauxka::{Api, Broker};
    /// let broker = Broker::builder().start_blocking()?;
    /// let refused = broker.on(Api::ApiVersions).before_apply().disconnect().mount();
    /// assert!(hello(&broker).is_err());
    /// assert_eq!(refused.hits(), 1);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn on(&self, api: Api) -> Rule<'_> {
        self.on_any().or_on(api)
    }

    /// A fault rule about all requests that name what the rule selects.
    ///
    /// ```
    /// # mod client { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/hello.rs")); }
    /// # use client::hello;
    /// # use std::time::Duration;
    /// # use fauxka::Broker;
    /// let broker = Broker::builder().start_blocking()?;
    /// let slow = broker.on_any().node(1).before_apply().delay(Duration::from_millis(20)).mount();
    /// hello(&broker)?;
    /// assert_eq!(slow.hits(), 1);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn on_any(&self) -> Rule<'_> {
        Rule {
            broker: self,
            spec: Spec::default(),
        }
    }

    /// Ends all fault rules: whatever they keep goes on. A rule that expects something still has to have met it when the
    /// cluster stops.
    ///
    /// ```
    /// # mod client { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/hello.rs")); }
    /// # use client::hello;
    /// # use fauxka::{Api, Broker};
    /// let broker = Broker::builder().start_blocking()?;
    /// broker.on(Api::ApiVersions).before_apply().disconnect().mount();
    /// broker.heal();
    /// assert_eq!(hello(&broker)?, 0);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn heal(&self) {
        self.started.shared.heal();
    }

    /// The rule of this name or number, such as one from a file.
    ///
    /// ```
    /// # use fauxka::Broker;
    /// let rule = r#"{"name": "slow", "api": "Fetch", "after_apply": {"delay": "2s"}}"#;
    /// let broker = Broker::builder().faults(rule)?.start_blocking()?;
    /// broker.fault("slow")?.remove();
    /// assert!(broker.fault("slow").is_err());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// No rule is called that, or several are.
    pub fn fault(&self, rule: &str) -> Result<MountedRule, UnknownRule> {
        let shared = &self.started.shared;
        let id = shared.look(|engine| engine.passage.faults.named(rule))?;
        Ok(MountedRule {
            shared: Arc::clone(shared),
            id,
            seed: self.started.seed,
        })
    }
}

impl<'a> Rule<'a> {
    /// Adds another kind of request.
    ///
    /// ```
    /// # use fauxka::{Api, Broker};
    /// let broker = Broker::builder().start_blocking()?;
    /// let held = broker.on(Api::JoinGroup).or_on(Api::SyncGroup).before_apply().hold().mount();
    /// assert!(held.is_active());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn or_on(mut self, api: Api) -> Self {
        self.spec.api.push(api);
        self
    }

    /// Names the rule, for messages and for the [journal](crate::journal::Query).
    ///
    /// ```
    /// # mod client { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/hello.rs")); }
    /// # use client::hello;
    /// # use fauxka::{Api, Broker};
    /// let broker = Broker::builder().start_blocking()?;
    /// broker.on(Api::ApiVersions).named("odd").after_apply().edit("errorCode", 42).mount();
    /// hello(&broker)?;
    /// assert_eq!(broker.journal().rule("odd").count(), 1);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn named(mut self, name: impl Into<String>) -> Self {
        self.spec.name = Some(name.into());
        self
    }

    /// Only requests to the node of this id.
    ///
    /// ```
    /// # mod client { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/hello.rs")); }
    /// # use client::hello;
    /// # use fauxka::Broker;
    /// let broker = Broker::builder().nodes(2).start_blocking()?;
    /// let other = broker.on_any().node(2).before_apply().disconnect().mount();
    /// assert_eq!(hello(&broker)?, 0, "node 1 is well");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub const fn node(mut self, id: i32) -> Self {
        self.spec.node = Some(id);
        self
    }

    /// Only requests of clients with this id.
    ///
    /// ```
    /// # mod client { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/hello.rs")); }
    /// # use client::hello;
    /// # use fauxka::Broker;
    /// let broker = Broker::builder().start_blocking()?;
    /// let shops = broker.on_any().client_id("shop*").observe().mount();
    /// hello(&broker)?; // a client named `shop`
    /// assert_eq!(shops.hits(), 1);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn client_id(mut self, id: &str) -> Self {
        self.spec.client_id = Some(Pattern::from(id));
        self
    }

    /// Only requests of clients that say they are this software, such as `apache-kafka-java` or
    /// `librdkafka`.
    ///
    /// ```
    /// # mod client { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/hello.rs")); }
    /// # use client::hello;
    /// # use fauxka::Broker;
    /// let broker = Broker::builder().start_blocking()?;
    /// let java = broker.on_any().software("apache-kafka-java").before_apply().disconnect().mount();
    /// assert_eq!(hello(&broker)?, 0, "this client is something else");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn software(mut self, name: &str) -> Self {
        self.spec.software = Some(Pattern::from(name));
        self
    }

    /// Only requests of this principal: `User:alice`, or `User:ANONYMOUS` where nobody logs in. A SaslAuthenticate request is
    /// its whose name it has.
    ///
    /// ```
    /// # mod client { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/hello.rs")); }
    /// # use client::hello;
    /// # use fauxka::Broker;
    /// let broker = Broker::builder().start_blocking()?;
    /// let anybody = broker.on_any().principal("User:ANONYMOUS").observe().mount();
    /// hello(&broker)?;
    /// assert_eq!(anybody.hits(), 1);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn principal(mut self, principal: &str) -> Self {
        self.spec.principal = Some(Pattern::from(principal));
        self
    }

    /// Only log-ins by this SASL mechanism, such as `SCRAM-SHA-512`: SaslHandshake and SaslAuthenticate.
    ///
    /// ```
    /// use fauxka::{Api, Broker, ErrorCode};
    ///
    /// let broker = Broker::builder().user("alice", "secret").start_blocking()?;
    /// let refused = broker.on(Api::SaslAuthenticate).mechanism("PLAIN").principal("User:alice").count(2);
    /// let refused = refused.before_apply().error(ErrorCode::SaslAuthenticationFailed).mount();
    /// assert_eq!(refused.hits(), 0, "alice has yet to come");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn mechanism(mut self, mechanism: &str) -> Self {
        self.spec.mechanism = Some(Pattern::from(mechanism));
        self
    }

    /// Only this topic, in requests that name topics by name or id.
    ///
    /// ```
    /// # use fauxka::{Api, Broker, ErrorCode};
    /// let broker = Broker::builder().topic("orders", 2, 1).start_blocking()?;
    /// broker.on(Api::Produce).topic("orders").before_apply().error(ErrorCode::NotLeaderOrFollower).mount();
    /// // A request that also writes to other topics fails for `orders` alone.
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn topic(mut self, name: &str) -> Self {
        self.spec.topic = Some(Pattern::from(name));
        self
    }

    /// Only this partition, by its index.
    ///
    /// ```
    /// # use fauxka::{Api, Broker};
    /// let broker = Broker::builder().topic("orders", 2, 1).start_blocking()?;
    /// let lost = broker.on(Api::Produce).topic("orders").partition(1).after_apply().swallow().mount();
    /// assert!(lost.is_active());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub const fn partition(mut self, index: i32) -> Self {
        self.spec.partition = Some(index);
        self
    }

    /// Only this group.
    ///
    /// ```
    /// # use fauxka::{Api, Broker, ErrorCode};
    /// let broker = Broker::builder().start_blocking()?;
    /// let refused = broker.on(Api::OffsetCommit).group("billing-*").before_apply();
    /// refused.error(ErrorCode::IllegalGeneration).mount();
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn group(mut self, id: &str) -> Self {
        self.spec.group = Some(Pattern::from(id));
        self
    }

    /// Only this transactional id.
    ///
    /// ```
    /// # use fauxka::{Api, Broker};
    /// let broker = Broker::builder().start_blocking()?;
    /// let zombie = broker.on(Api::EndTxn).transactional_id("shop-1").nth(1).before_apply().hold().mount();
    /// assert!(zombie.is_active());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn transactional_id(mut self, id: &str) -> Self {
        self.spec.transactional_id = Some(Pattern::from(id));
        self
    }

    /// Only the member with this id, or with this group instance id.
    ///
    /// ```
    /// # use fauxka::{Api, Broker};
    /// let broker = Broker::builder().start_blocking()?;
    /// let silent = broker.on(Api::Heartbeat).member("worker-1").before_apply().swallow().mount();
    /// assert!(silent.is_active());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn member(mut self, id: &str) -> Self {
        self.spec.member = Some(Pattern::from(id));
        self
    }

    /// What happens instead of the request, or before it is done. Say it again to say what happens at the next hit.
    ///
    /// ```
    /// # mod client { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/hello.rs")); }
    /// # use client::hello;
    /// # use fauxka::{Api, Broker};
    /// let broker = Broker::builder().start_blocking()?;
    /// broker.on(Api::ApiVersions).nth(1).before_apply().disconnect().mount();
    /// assert!(hello(&broker).is_err());
    /// assert_eq!(hello(&broker)?, 0);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub const fn before_apply(self) -> Stage<'a> {
        Stage {
            rule: self,
            after_apply: false,
        }
    }

    /// What happens to the answer, once the request is done. Say it again to say what happens at the next hit.
    ///
    /// ```
    /// # mod client { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/hello.rs")); }
    /// # use client::hello;
    /// # use fauxka::{Api, Broker};
    /// let broker = Broker::builder().start_blocking()?;
    /// broker.on(Api::ApiVersions).nth(1).after_apply().disconnect().mount();
    /// assert!(hello(&broker).is_err(), "the answer is lost");
    /// assert_eq!(broker.journal().api(Api::ApiVersions).count(), 1, "but the request was done");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub const fn after_apply(self) -> Stage<'a> {
        Stage {
            rule: self,
            after_apply: true,
        }
    }

    /// What happens to the bytes of connections. [`Rule::node`] and [`Rule::client_id`] say which connections; nothing else
    /// can.
    ///
    /// ```
    /// # use std::time::Duration;
    /// # use fauxka::Broker;
    /// let broker = Broker::builder().start_blocking()?;
    /// let slow = broker.on_any().node(1).bytes().to_client().latency(Duration::from_millis(20)).mount();
    /// assert!(slow.is_active());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub const fn bytes(self) -> ByteStage<'a> {
        ByteStage::of(self)
    }

    /// Only counts the requests.
    ///
    /// ```
    /// # mod client { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/hello.rs")); }
    /// # use client::hello;
    /// # use fauxka::{Api, Broker};
    /// let broker = Broker::builder().start_blocking()?;
    /// let greetings = broker.on(Api::ApiVersions).observe().mount();
    /// hello(&broker)?;
    /// assert_eq!(greetings.hits(), 1);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub const fn observe(mut self) -> Self {
        self.spec.observe = true;
        self
    }

    /// Allows errors that Kafka never answers there.
    ///
    /// ```
    /// # use fauxka::{Api, Broker, ErrorCode};
    /// let broker = Broker::builder().start_blocking()?;
    /// let odd = || broker.on(Api::Heartbeat).before_apply().error(ErrorCode::OffsetOutOfRange);
    /// assert!(odd().try_mount().is_err());
    /// assert!(odd().unchecked().try_mount().is_ok());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub const fn unchecked(mut self) -> Self {
        self.spec.unchecked = true;
        self
    }
}
