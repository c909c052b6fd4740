//! What a rule does to the bytes between clients and nodes.

#[cfg(test)]
mod tests;

use std::time::Duration;

use super::Rule;
use crate::engine::fault::{ByteAction, Cut, Delay, Towards};

/// What a rule does to the bytes of connections; from [`Rule::bytes`].
///
/// The rule is about connections, open ones and those to come. It selects them by node and client id, and acts on
/// the n-th, on so many, on every n-th or by chance. A connection's client is known from its first request on. A hit is
/// a connection that the rule has really acted on. Bytes take their time in real time, whatever a manual clock does, or in
/// the time of the runtime where a cluster is [in memory](crate::in_memory). When a rule ends no byte is lost: what it
/// held back passes.
///
/// ```
/// use std::time::Duration;
/// use fauxka::Broker;
/// use fauxka::fault::Cut;
///
/// let broker = Broker::builder().start_blocking()?;
/// let slow = broker.on_any().node(1).bytes().to_client().latency(Duration::from_millis(20)).mount();
/// let torn = broker.on_any().client_id("orders-*").nth(2).bytes().cut(1000, Cut::Reset).mount();
/// // … the application runs …
/// assert_eq!(torn.hits(), 0);
/// slow.remove();
/// # Ok::<(), fauxka::StartError>(())
/// ```
#[derive(Debug)]
#[must_use = "a stage does nothing without an action"]
pub struct ByteStage<'a>(Rule<'a>);

impl<'a> ByteStage<'a> {
    pub(super) const fn of(rule: Rule<'a>) -> Self {
        Self(rule)
    }

    /// Only what clients send.
    ///
    /// ```
    /// # use fauxka::Broker;
    /// let broker = Broker::builder().start_blocking()?;
    /// let slow = broker.on_any().bytes().to_broker().bandwidth(10_000).mount();
    /// assert!(slow.is_active());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub const fn to_broker(mut self) -> Self {
        self.0.spec.to = Some(Towards::Broker);
        self
    }

    /// Only what nodes send.
    ///
    /// ```
    /// # mod client { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/hello.rs")); }
    /// # use client::hello;
    /// # use fauxka::Broker;
    /// let broker = Broker::builder().start_blocking()?;
    /// broker.on_any().bytes().to_client().corrupt(9).mount();
    /// assert_ne!(hello(&broker)?, 0, "the last byte of the error code has changed");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub const fn to_client(mut self) -> Self {
        self.0.spec.to = Some(Towards::Client);
        self
    }

    /// Bytes arrive later, in their order.
    ///
    /// ```
    /// # mod client { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/hello.rs")); }
    /// # use client::hello;
    /// # use std::time::Duration;
    /// # use fauxka::Broker;
    /// let broker = Broker::builder().start_blocking()?;
    /// broker.on_any().bytes().latency(Duration::from_millis(20)).mount();
    /// let asked = std::time::Instant::now();
    /// hello(&broker)?;
    /// assert!(asked.elapsed() >= Duration::from_millis(20));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn latency(self, by: Duration) -> Rule<'a> {
        self.latency_with_jitter(by, Duration::ZERO)
    }

    /// Bytes arrive later, up to `jitter` more or less than `by`, in their order.
    ///
    /// ```
    /// # mod client { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/hello.rs")); }
    /// # use client::hello;
    /// # use std::time::Duration;
    /// # use fauxka::Broker;
    /// let broker = Broker::builder().start_blocking()?;
    /// let (by, jitter) = (Duration::from_millis(20), Duration::from_millis(10));
    /// broker.on_any().bytes().latency_with_jitter(by, jitter).mount();
    /// let asked = std::time::Instant::now();
    /// hello(&broker)?;
    /// assert!(asked.elapsed() >= by - jitter);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn latency_with_jitter(self, by: Duration, jitter: Duration) -> Rule<'a> {
        self.act(ByteAction::Latency(Delay { wait: by, jitter }))
    }

    /// No more than this many bytes pass in a second.
    ///
    /// ```
    /// # use fauxka::Broker;
    /// let broker = Broker::builder().start_blocking()?;
    /// let slow = broker.on_any().client_id("shop").bytes().bandwidth(10_000).mount();
    /// assert!(slow.is_active());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn bandwidth(self, bytes_per_second: u64) -> Rule<'a> {
        self.act(ByteAction::Bandwidth(bytes_per_second))
    }

    /// Bytes arrive in pieces of this size, with a pause between two.
    ///
    /// ```
    /// # mod client { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/hello.rs")); }
    /// # use client::hello;
    /// # use std::time::Duration;
    /// # use fauxka::Broker;
    /// let broker = Broker::builder().start_blocking()?;
    /// broker.on_any().bytes().slice(1, Duration::ZERO).mount();
    /// assert_eq!(hello(&broker)?, 0, "a good client takes an answer in pieces");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn slice(self, bytes: usize, pause: Duration) -> Rule<'a> {
        let jitter = Duration::ZERO;
        let pause = Delay {
            wait: pause,
            jitter,
        };
        self.act(ByteAction::Slice { bytes, pause })
    }

    /// One byte arrives with all its bits turned: the one at this place, counted from 0, from when the
    /// rule takes hold of the connection.
    ///
    /// ```
    /// # mod client { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/hello.rs")); }
    /// # use client::hello;
    /// # use fauxka::Broker;
    /// let broker = Broker::builder().start_blocking()?;
    /// broker.on_any().bytes().to_client().corrupt(9).mount();
    /// assert_eq!(hello(&broker)?, 0xff);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn corrupt(self, at: u64) -> Rule<'a> {
        self.act(ByteAction::Corrupt(at))
    }

    /// Cuts a connection when so many bytes have passed since the rule took hold of it; at once for 0.
    ///
    /// ```
    /// # mod client { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/hello.rs")); }
    /// # use client::hello;
    /// # use fauxka::fault::Cut;
    /// # use fauxka::Broker;
    /// let broker = Broker::builder().start_blocking()?;
    /// broker.on_any().count(1).bytes().to_client().cut(6, Cut::Close).mount();
    /// assert!(hello(&broker).is_err(), "the answer breaks off");
    /// assert_eq!(hello(&broker)?, 0);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn cut(self, after_bytes: u64, how: Cut) -> Rule<'a> {
        let after = after_bytes;
        self.act(ByteAction::Cut { after, how })
    }

    /// Connections are accepted, and nothing passes on them until you release the rule; then everything does.
    ///
    /// ```
    /// # mod client { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/hello.rs")); }
    /// # use client::hello;
    /// # use std::time::Duration;
    /// # use fauxka::Broker;
    /// let broker = Broker::builder().start_blocking()?;
    /// let silent = broker.on_any().bytes().silence().mount();
    /// std::thread::scope(|scope| {
    ///     let client = scope.spawn(|| hello(&broker));
    ///     silent.wait_for_hits_blocking(1, Duration::from_secs(10))?;
    ///     silent.release();
    ///     assert_eq!(client.join().unwrap()?, 0);
    ///     # Ok::<(), Box<dyn std::error::Error>>(())
    /// })?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn silence(self) -> Rule<'a> {
        self.act(ByteAction::Silence)
    }

    /// The node does not listen, so clients cannot connect to it; open connections stay. The rule counts a hit each time that a
    /// node has ceased to listen.
    ///
    /// ```
    /// # mod client { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/hello.rs")); }
    /// # use client::hello;
    /// # use std::time::Duration;
    /// # use fauxka::Broker;
    /// let broker = Broker::builder().start_blocking()?;
    /// let refusing = broker.on_any().node(1).bytes().refuse().mount();
    /// refusing.wait_for_hits_blocking(1, Duration::from_secs(10))?;
    /// assert!(hello(&broker).is_err());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn refuse(self) -> Rule<'a> {
        self.act(ByteAction::Refuse)
    }

    fn act(mut self, action: ByteAction) -> Rule<'a> {
        self.0.spec.bytes = Some(action);
        self.0
    }
}
