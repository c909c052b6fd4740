//! Where a cluster is reached.

use super::Builder;
#[cfg(feature = "control")]
use super::Control;
use crate::embed::endpoints;
use crate::embed::error::StartError;
use crate::embed::listeners::Listener;
use crate::engine::Advertise;

impl Builder {
    /// The first node's `HOST:PORT`; a port alone is one of 127.0.0.1, and `:PORT` one of all addresses. The other nodes
    /// listen on the ports after it. With port 0, the default, all nodes listen on free ports.
    ///
    /// ```
    /// let broker = fauxka::Broker::builder().listen("localhost:0").start_blocking()?;
    /// assert!(broker.bootstrap().starts_with("localhost:"));
    /// # Ok::<(), fauxka::StartError>(())
    /// ```
    pub fn listen(mut self, address: impl Into<String>) -> Self {
        self.listen = Some(endpoints::written_out(&address.into()));
        self
    }

    /// Adds a listener. With one or more of them the cluster has these and no others; without, it has a single one, where
    /// [`Builder::listen`] says: PLAINTEXT, or SASL_PLAINTEXT if there are [users](Builder::user). The first one is what
    /// [`Broker::bootstrap`](crate::Broker::bootstrap) names.
    ///
    /// ```
    /// let broker = fauxka::Broker::builder()
    ///     .listener("PLAINTEXT://127.0.0.1:0".parse()?)
    ///     .listener("SASL_PLAINTEXT://127.0.0.1:0".parse()?)
    ///     .user("alice", "secret")
    ///     .start_blocking()?;
    /// assert_ne!(Some(broker.bootstrap()), broker.bootstrap_of("SASL_PLAINTEXT"));
    /// # Ok::<(), fauxka::StartError>(())
    /// ```
    pub fn listener(mut self, listener: Listener) -> Self {
        self.listeners.push(listener);
        self
    }

    /// Where the nodes listen if neither [`Builder::listen`], nor a [listener](Builder::listener), nor Kafka's `listeners` says.
    ///
    /// ```
    /// let builder = fauxka::Broker::builder().listen_by_default("localhost:0");
    /// assert!(builder.start_blocking()?.bootstrap().starts_with("localhost:"));
    /// # Ok::<(), fauxka::StartError>(())
    /// ```
    pub fn listen_by_default(mut self, address: impl Into<String>) -> Self {
        self.listen_by_default = endpoints::written_out(&address.into());
        self
    }

    /// Tells clients to reach the nodes at this host, with the first node at this port if you give one. By default
    /// clients are told where the nodes listen.
    ///
    /// ```
    /// let builder = fauxka::Broker::builder().nodes(2).advertise("kafka.test", Some(9092));
    /// let broker = builder.start_blocking()?;
    /// assert_eq!(broker.bootstrap(), "kafka.test:9092,kafka.test:9093");
    /// # Ok::<(), fauxka::StartError>(())
    /// ```
    pub fn advertise(mut self, host: impl Into<String>, port: Option<u16>) -> Self {
        self.advertise = Some(Advertise::Host(host.into(), port));
        self
    }

    /// As [`Builder::advertise`], in one text: `HOST[:PORT]`. `dialled` or `*` stands for [`Builder::advertise_dialled`].
    ///
    /// ```
    /// let broker = fauxka::Broker::builder().advertise_at("kafka:9092")?.start_blocking()?;
    /// assert_eq!(broker.bootstrap(), "kafka:9092");
    /// # Ok::<(), fauxka::StartError>(())
    /// ```
    ///
    /// # Errors
    /// It has no host, or its port is not a port.
    pub fn advertise_at(mut self, address: &str) -> Result<Self, StartError> {
        let wrong = |why| StartError::Invalid(format!("advertise {address:?}: {why}"));
        self.advertise = Some(endpoints::advertised(address).map_err(wrong)?);
        Ok(self)
    }

    /// Tells each client to reach the nodes at the local address of its own connection, and at the ports that they listen on.
    /// This is the default when the nodes listen on all addresses (`0.0.0.0`), so that clients on several networks are served.
    /// Behind a port mapping or a proxy that address is not the one that the client dialled, which no broker can see:
    /// use [`Broker::advertise`](crate::Broker::advertise) there.
    ///
    /// ```
    /// let builder = fauxka::Broker::builder().listen("127.0.0.1:0").advertise_dialled();
    /// let broker = builder.start_blocking()?;
    /// # Ok::<(), fauxka::StartError>(())
    /// ```
    pub fn advertise_dialled(mut self) -> Self {
        self.advertise = Some(Advertise::Dialled);
        self
    }

    /// The token that requests to the control port must show, as `Authorization: Bearer TOKEN`. A control port that
    /// is not on loopback needs one.
    ///
    /// ```
    /// let builder = fauxka::Broker::builder().control("127.0.0.1:0").control_token("secret");
    /// let broker = builder.start_blocking()?;
    /// assert!(broker.control().is_some());
    /// # Ok::<(), fauxka::StartError>(())
    /// ```
    #[cfg(feature = "control")]
    pub fn control_token(mut self, token: impl Into<String>) -> Self {
        self.control_token = Some(token.into());
        self
    }

    /// Opens the control port at `HOST:PORT`, which you can shorten as in [`Builder::listen`]; port 0 takes a free one.
    ///
    /// ```
    /// let broker = fauxka::Broker::builder().control("127.0.0.1:0").start_blocking()?;
    /// assert!(broker.control().unwrap().starts_with("http://127.0.0.1:"));
    /// # Ok::<(), fauxka::StartError>(())
    /// ```
    #[cfg(feature = "control")]
    pub fn control(mut self, address: impl Into<String>) -> Self {
        self.control = Some(Control {
            address: endpoints::written_out(&address.into()),
            or_any: false,
        });
        self
    }

    /// Opens the control port at `HOST:PORT`, or at a free port when that one is taken.
    ///
    /// ```
    /// let first = fauxka::Broker::builder().control_preferring("127.0.0.1:9700").start_blocking()?;
    /// let second = fauxka::Broker::builder().control_preferring("127.0.0.1:9700").start_blocking()?;
    /// assert_ne!(first.control(), second.control());
    /// # Ok::<(), fauxka::StartError>(())
    /// ```
    #[cfg(feature = "control")]
    pub fn control_preferring(mut self, address: impl Into<String>) -> Self {
        self.control = Some(Control {
            address: endpoints::written_out(&address.into()),
            or_any: true,
        });
        self
    }

    /// Opens no control port, even if you asked for one before.
    ///
    /// ```
    /// let broker = fauxka::Broker::builder().control("127.0.0.1:0").no_control().start_blocking()?;
    /// assert_eq!(broker.control(), None);
    /// # Ok::<(), fauxka::StartError>(())
    /// ```
    #[cfg(feature = "control")]
    pub fn no_control(mut self) -> Self {
        self.control = None;
        self
    }
}
