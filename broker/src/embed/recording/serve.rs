//! Serving a recorded cluster as it was at some moment.

use std::sync::Arc;

use super::Rerun;
use crate::embed::assemble::Assembled;
use crate::embed::broker::Broker;
use crate::embed::builder::Builder;
use crate::embed::clock::Clock;
use crate::embed::error::StartError;
use crate::embed::listeners::Listener;
use crate::embed::placing::{Plan, Planned, bind};
use crate::embed::run;
use crate::embed::thread::{self, Served};
use crate::engine::commands::Command;
use crate::engine::{self, Protocol};
use crate::server::clock;
use crate::server::limits::Limits;
use crate::server::links::LinkRules;
use crate::server::shared::Shared;

/// A recorded cluster that is yet to be served; from [`Rerun::serve`].
///
/// ```
/// # let path = std::env::temp_dir().join(format!("fauxka-doc-serve-type-{}.run", std::process::id()));
/// # let recorded = fauxka::Broker::builder().topic("orders", 1, 1).seed(7).record(&path).start_blocking()?;
/// # recorded.produce("orders").value("first").send()?;
/// # drop(recorded);
/// let serve = fauxka::recording::Recording::load(&path)?.rerun()?.serve();
/// let broker = serve.start_blocking()?;
/// assert_eq!(broker.topics()[0].name, "orders");
/// # std::fs::remove_file(&path)?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
#[must_use = "nothing is served until it is started"]
pub struct Serve {
    rerun: Rerun,
    builder: Builder,
    users: Vec<(String, String)>,
}

impl Rerun {
    /// Serves the cluster as it is by now, to look at it with any client and to go on from there.
    ///
    /// Its clients are not there any more: their connections are closed and what they waited for is forgotten, while
    /// members stay in their groups for as long as their sessions last. Time stands still at the recording's moment,
    /// unless [`Serve::real_clock`] is asked for. Nodes are at new addresses, and tell clients those. Passwords were never
    /// written down: everybody's is `hidden`. Fault rules are in force, and act on anyone who asks now.
    ///
    /// ```
    /// use fauxka::Broker;
    /// use fauxka::recording::{Recording, Until};
    ///
    /// # let path = std::env::temp_dir().join(format!("fauxka-doc-serve-{}.run", std::process::id()));
    /// let broker = Broker::builder().topic("orders", 1, 1).record(&path).start_blocking()?;
    /// broker.produce("orders").value("first").send()?;
    /// broker.produce("orders").value("second").send()?;
    /// drop(broker);
    ///
    /// let before = Recording::load(&path)?.rerun_until(Until::Input(1))?;
    /// let broker = before.serve().start_blocking()?;
    /// assert_eq!(broker.partition("orders", 0).values()?, ["first"]);
    /// # std::fs::remove_file(&path)?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn serve(self) -> Serve {
        let builder = Broker::builder().seed(self.seed).clock(Clock::manual());
        Serve {
            rerun: self,
            builder,
            users: Vec::new(),
        }
    }
}

impl Serve {
    /// Where the first node listens; the others follow on the next ports. By default on free ports of 127.0.0.1.
    ///
    /// ```
    /// # let path = std::env::temp_dir().join(format!("fauxka-doc-listen-{}.run", std::process::id()));
    /// # let recorded = fauxka::Broker::builder().topic("orders", 1, 1).seed(7).record(&path).start_blocking()?;
    /// # recorded.produce("orders").value("first").send()?;
    /// # drop(recorded);
    /// let serve = fauxka::recording::Recording::load(&path)?.rerun()?.serve();
    /// let broker = serve.listen("127.0.0.1:0").start_blocking()?;
    /// assert!(broker.bootstrap().starts_with("127.0.0.1:"));
    /// # std::fs::remove_file(&path)?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn listen(mut self, address: impl Into<String>) -> Self {
        self.builder = self.builder.listen(address);
        self
    }

    /// What clients are told to connect to, as [`Builder::advertise`].
    ///
    /// ```
    /// # let path = std::env::temp_dir().join(format!("fauxka-doc-advertise-{}.run", std::process::id()));
    /// # let recorded = fauxka::Broker::builder().topic("orders", 1, 1).seed(7).record(&path).start_blocking()?;
    /// # recorded.produce("orders").value("first").send()?;
    /// # drop(recorded);
    /// let serve = fauxka::recording::Recording::load(&path)?.rerun()?.serve();
    /// let broker = serve.advertise("localhost", None).start_blocking()?;
    /// assert!(broker.bootstrap().starts_with("localhost:"));
    /// # std::fs::remove_file(&path)?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn advertise(mut self, host: impl Into<String>, port: Option<u16>) -> Self {
        self.builder = self.builder.advertise(host, port);
        self
    }

    /// Tells each client the host that it dialled, as [`Builder::advertise_dialled`].
    ///
    /// ```
    /// # let path = std::env::temp_dir().join(format!("fauxka-doc-advertise-dialled-{}.run", std::process::id()));
    /// # let recorded = fauxka::Broker::builder().topic("orders", 1, 1).seed(7).record(&path).start_blocking()?;
    /// # recorded.produce("orders").value("first").send()?;
    /// # drop(recorded);
    /// let serve = fauxka::recording::Recording::load(&path)?.rerun()?.serve();
    /// let broker = serve.advertise_dialled().start_blocking()?;
    /// assert!(broker.bootstrap().starts_with("127.0.0.1:"));
    /// # std::fs::remove_file(&path)?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn advertise_dialled(mut self) -> Self {
        self.builder = self.builder.advertise_dialled();
        self
    }

    /// As [`Builder::advertise_at`]: `HOST[:PORT]`, `dialled` or `*`.
    ///
    /// ```
    /// # let path = std::env::temp_dir().join(format!("fauxka-doc-advertise-at-{}.run", std::process::id()));
    /// # let recorded = fauxka::Broker::builder().topic("orders", 1, 1).seed(7).record(&path).start_blocking()?;
    /// # recorded.produce("orders").value("first").send()?;
    /// # drop(recorded);
    /// let serve = fauxka::recording::Recording::load(&path)?.rerun()?.serve();
    /// let broker = serve.advertise_at("kafka:9092")?.start_blocking()?;
    /// assert_eq!(broker.bootstrap(), "kafka:9092");
    /// # std::fs::remove_file(&path)?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// It has no host, or its port is not a port.
    pub fn advertise_at(mut self, address: &str) -> Result<Self, StartError> {
        self.builder = self.builder.advertise_at(address)?;
        Ok(self)
    }

    /// How many threads serve connections; 1 by default.
    ///
    /// ```
    /// # let path = std::env::temp_dir().join(format!("fauxka-doc-worker-threads-{}.run", std::process::id()));
    /// # let recorded = fauxka::Broker::builder().topic("orders", 1, 1).seed(7).record(&path).start_blocking()?;
    /// # recorded.produce("orders").value("first").send()?;
    /// # drop(recorded);
    /// let serve = fauxka::recording::Recording::load(&path)?.rerun()?.serve();
    /// let broker = serve.worker_threads(2).start_blocking()?;
    /// assert_eq!(broker.topics().len(), 1);
    /// # std::fs::remove_file(&path)?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn worker_threads(mut self, threads: usize) -> Self {
        self.builder = self.builder.worker_threads(threads);
        self
    }

    /// What requests to the control port must show, as [`Builder::control_token`].
    ///
    /// ```
    /// # let path = std::env::temp_dir().join(format!("fauxka-doc-control-token-{}.run", std::process::id()));
    /// # let recorded = fauxka::Broker::builder().topic("orders", 1, 1).seed(7).record(&path).start_blocking()?;
    /// # recorded.produce("orders").value("first").send()?;
    /// # drop(recorded);
    /// let serve = fauxka::recording::Recording::load(&path)?.rerun()?.serve();
    /// let broker = serve.control("127.0.0.1:0").control_token("secret").start_blocking()?;
    /// assert!(broker.control().is_some());
    /// # std::fs::remove_file(&path)?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[cfg(feature = "control")]
    pub fn control_token(mut self, token: impl Into<String>) -> Self {
        self.builder = self.builder.control_token(token);
        self
    }

    /// Opens the control port at `HOST:PORT`; port 0 takes a free one.
    ///
    /// ```
    /// # let path = std::env::temp_dir().join(format!("fauxka-doc-control-{}.run", std::process::id()));
    /// # let recorded = fauxka::Broker::builder().topic("orders", 1, 1).seed(7).record(&path).start_blocking()?;
    /// # recorded.produce("orders").value("first").send()?;
    /// # drop(recorded);
    /// let serve = fauxka::recording::Recording::load(&path)?.rerun()?.serve();
    /// let broker = serve.control("127.0.0.1:0").start_blocking()?;
    /// assert!(broker.control().is_some());
    /// # std::fs::remove_file(&path)?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[cfg(feature = "control")]
    pub fn control(mut self, address: impl Into<String>) -> Self {
        self.builder = self.builder.control(address);
        self
    }

    /// Opens the control port at `HOST:PORT`, or at a free port when that one is taken.
    ///
    /// ```
    /// # let path = std::env::temp_dir().join(format!("fauxka-doc-control-preferring-{}.run", std::process::id()));
    /// # let recorded = fauxka::Broker::builder().topic("orders", 1, 1).seed(7).record(&path).start_blocking()?;
    /// # recorded.produce("orders").value("first").send()?;
    /// # drop(recorded);
    /// let serve = fauxka::recording::Recording::load(&path)?.rerun()?.serve();
    /// let broker = serve.control_preferring("127.0.0.1:9700").start_blocking()?;
    /// assert!(broker.control().is_some());
    /// # std::fs::remove_file(&path)?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[cfg(feature = "control")]
    pub fn control_preferring(mut self, address: impl Into<String>) -> Self {
        self.builder = self.builder.control_preferring(address);
        self
    }

    /// Has time go on from the recording's moment as the system's clock does, from when the cluster is served. Sessions
    /// of members that are not there end by it.
    ///
    /// ```
    /// # let path = std::env::temp_dir().join(format!("fauxka-doc-real-clock-{}.run", std::process::id()));
    /// # let recorded = fauxka::Broker::builder().topic("orders", 1, 1).seed(7).record(&path).start_blocking()?;
    /// # recorded.produce("orders").value("first").send()?;
    /// # drop(recorded);
    /// let serve = fauxka::recording::Recording::load(&path)?.rerun()?.serve();
    /// let broker = serve.real_clock().start_blocking()?;
    /// assert!(broker.clock().advance_blocking(std::time::Duration::from_secs(1)).is_err(), "nobody moves it");
    /// # std::fs::remove_file(&path)?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn real_clock(mut self) -> Self {
        self.builder = self.builder.clock(Clock::real());
        self
    }

    /// Lets somebody log in, as [`Builder::user`]; one of that name gets this password.
    ///
    /// ```
    /// use fauxka::Broker;
    /// use fauxka::recording::Recording;
    ///
    /// # let path = std::env::temp_dir().join(format!("fauxka-doc-serve-user-{}.run", std::process::id()));
    /// let broker = Broker::builder().user("alice", "secret").record(&path).start_blocking()?;
    /// drop(broker);
    ///
    /// let serve = Recording::load(&path)?.rerun()?.serve();
    /// let broker = serve.user("alice", "another").start_blocking()?;
    /// assert_eq!(broker.users()[0].name, "alice");
    /// # std::fs::remove_file(&path)?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn user(mut self, name: impl Into<String>, password: impl Into<String>) -> Self {
        self.users.push((name.into(), password.into()));
        self
    }

    /// Serves the cluster, and waits until every node that runs accepts connections.
    ///
    /// ```
    /// # let path = std::env::temp_dir().join(format!("fauxka-doc-serve-start-{}.run", std::process::id()));
    /// # let recorded = fauxka::Broker::builder().topic("orders", 1, 1).seed(7).record(&path).start_blocking()?;
    /// # recorded.produce("orders").value("first").send()?;
    /// # drop(recorded);
    /// # tokio::runtime::Builder::new_multi_thread().enable_all().build()?.block_on(async {
    /// let serve = fauxka::recording::Recording::load(&path)?.rerun()?.serve();
    /// let broker = serve.start().await?;
    /// assert_eq!(broker.topics()[0].name, "orders");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// # })?;
    /// # std::fs::remove_file(&path)?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// When an address cannot be listened on, or a user is given where nobody logs in.
    pub async fn start(self) -> Result<Broker, StartError> {
        let (started, running) = thread::start(move || self.prepare()).await?;
        Ok(Broker::running(started, running))
    }

    /// The same, and blocks until then.
    ///
    /// ```
    /// # let path = std::env::temp_dir().join(format!("fauxka-doc-serve-start-blocking-{}.run", std::process::id()));
    /// # let recorded = fauxka::Broker::builder().topic("orders", 1, 1).seed(7).record(&path).start_blocking()?;
    /// # recorded.produce("orders").value("first").send()?;
    /// # drop(recorded);
    /// let serve = fauxka::recording::Recording::load(&path)?.rerun()?.serve();
    /// let broker = serve.start_blocking()?;
    /// assert_eq!(broker.partition("orders", 0).values()?, ["first"]);
    /// # std::fs::remove_file(&path)?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// When an address cannot be listened on, or a user is given where nobody logs in.
    pub fn start_blocking(self) -> Result<Broker, StartError> {
        let (started, running) = thread::start_blocking(move || self.prepare())?;
        Ok(Broker::running(started, running))
    }

    fn prepare(self) -> Result<Served, StartError> {
        let now = self.rerun.rerun.step().now;
        let (last, mut engine) = self.rerun.rerun.into_engine();
        let builder = self.builder;
        let ids: Vec<_> = engine.state.cluster.all_ids().into_iter().collect();
        let bound = bind(&plan_again(&builder, engine.state.listeners.all()), &ids)?;
        engine.move_to(now, bound.listeners.clone(), bound.addresses.clone());
        let clock = if builder.clock.manual {
            engine.make_topics_at_once();
            clock::Clock::manual_at(now)
        } else {
            clock::Clock::real_from(now)
        };
        let limits = Limits::of(engine.state.configs.fixed());
        let links = LinkRules::new(builder.seed);
        let shared = Arc::new(Shared::new(engine, clock, limits, links));
        shared.number_after(last);
        for (name, password) in self.users {
            let added = shared.carry_out(Command::AddUser { name, password });
            added.map_err(StartError::invalid)?;
        }
        let assembled = Assembled {
            shared,
            bootstraps: bound.bootstraps.clone(),
            #[cfg(feature = "tls")]
            certificates: None,
            seed: builder.seed,
        };
        run::serve(&builder, &assembled, bound)
    }
}

/// The recorded listeners once more, at other places and without TLS: the clients and their certificates are not here.
fn plan_again(builder: &Builder, recorded: &[engine::Listener]) -> Plan {
    let listen = builder
        .listen
        .as_ref()
        .unwrap_or(&builder.listen_by_default);
    let again = |(at, known): (usize, &engine::Listener)| {
        let protocol = match known.protocol {
            Protocol::Plaintext | Protocol::Ssl => Protocol::Plaintext,
            Protocol::SaslPlaintext | Protocol::SaslSsl => Protocol::SaslPlaintext,
        };
        let mut said = Listener::new(&known.name, protocol);
        if at == 0 {
            said.listen.clone_from(listen);
            said.advertise.clone_from(&builder.advertise);
        }
        Planned {
            said,
            mechanisms: known.mechanisms().to_vec(),
        }
    };
    Plan(recorded.iter().enumerate().map(again).collect())
}
