//! Who may connect to a node: how many, how many from one address, and how fast.
//!
//! Like Kafka's acceptor it holds a connection, and all that come after it, until the rate and the
//! number of connections allow it, and refuses one too many from its address. Connections beyond their
//! address's quota are closed after a while, without a word (KIP-612). The settings may change
//! while the broker runs; what is open then stays open. Time is the cluster's.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::shared::Shared;
use crate::engine::quota::{Rate, Windows};
use crate::wire::units::NodeId;

/// How many connections there are.
#[derive(Debug, Default)]
struct Counts {
    total: usize,
    by_address: HashMap<IpAddr, usize>,
}

/// Lets connections of one node in.
#[derive(Debug)]
pub(super) struct Places {
    shared: Arc<Shared>,
    node: NodeId,
    counts: Arc<Mutex<Counts>>,
    /// Of all connections.
    rate: Rate,
    /// Of those from addresses with a quota.
    rates: HashMap<IpAddr, Rate>,
    exceptions: Exceptions,
}

/// Whether a connection is let in.
#[derive(Debug)]
pub(super) enum Taken {
    Place(Place),
    /// The address has all connections of its own.
    Full,
    /// The address is over its quota; the connection is closed after this time.
    Throttled(Duration),
}

/// So many addresses are measured before it is looked which need be no longer.
const SWEEP_FROM: usize = 1024;

/// `max.connections.per.ip.overrides`, as text and as what it means.
#[derive(Debug, Default)]
struct Exceptions {
    text: String,
    by_address: HashMap<IpAddr, usize>,
}

/// What the settings say now.
struct Bounds {
    total: usize,
    per_address: usize,
    exceptions: String,
    a_second: f64,
}

impl Places {
    pub(super) fn new(shared: &Arc<Shared>, node: NodeId) -> Self {
        Self {
            shared: Arc::clone(shared),
            node,
            counts: Arc::default(),
            rate: Rate::default(),
            rates: HashMap::new(),
            exceptions: Exceptions::default(),
        }
    }

    /// A place for a connection from this address, once there is one.
    pub(super) async fn take(&mut self, address: IpAddr) -> Taken {
        let windows = self.shared.limits.quota_windows;
        let arrived = self.shared.clock.now().elapsed;
        let a_second = self.bounds().a_second;
        let wait = opened(&mut self.rate, windows, arrived, a_second);
        if !wait.is_zero() {
            tracing::debug!(node = %self.node, %address, ?wait, "a connection waits for max.connection.creation.rate");
            self.shared.clock.sleep(wait).await;
        }
        let shared = Arc::clone(&self.shared);
        let bounds = loop {
            let news = shared.connections.notified();
            let bounds = self.bounds();
            if locked(&self.counts).total < bounds.total {
                break bounds;
            }
            news.await;
        };
        let wait = self.throttled(address);
        if !wait.is_zero() {
            // It is not let in, so it counts for nobody.
            let now = self.shared.clock.now().elapsed;
            self.rate.record(windows, now, -1.0);
            return Taken::Throttled(wait);
        }
        self.exceptions.follow(bounds.exceptions).await;
        let most = self.exceptions.by_address.get(&address).copied();
        let most = most.unwrap_or(bounds.per_address);
        let mut counts = locked(&self.counts);
        let count = counts.by_address.get(&address).copied().unwrap_or(0);
        if count >= most {
            return Taken::Full;
        }
        counts.by_address.insert(address, count.saturating_add(1));
        counts.total = counts.total.saturating_add(1);
        drop(counts);
        Taken::Place(Place {
            shared,
            counts: Arc::clone(&self.counts),
            address,
        })
    }

    /// For how long a connection from an address with a quota is held before it is closed.
    fn throttled(&mut self, address: IpAddr) -> Duration {
        let most = self
            .shared
            .look(|engine| engine.state.quotas.connection_rate(address));
        let Some(most) = most else {
            return Duration::ZERO;
        };
        let windows = self.shared.limits.quota_windows;
        let now = self.shared.clock.now().elapsed;
        if self.rates.len() >= SWEEP_FROM {
            self.rates.retain(|_, rate| !rate.is_over(windows, now));
        }
        let rate = self.rates.entry(address).or_default();
        let wait = opened(rate, windows, now, most);
        if !wait.is_zero() {
            rate.record(windows, now, -1.0);
        }
        wait
    }

    fn bounds(&self) -> Bounds {
        self.shared.look(|engine| {
            let config = engine.state.broker_config(self.node);
            let exceptions = &config.connections_max_per_ip_overrides;
            Bounds {
                total: config.connections_max,
                per_address: config.connections_max_per_ip,
                exceptions: exceptions.clone().unwrap_or_default(),
                a_second: f64::from(config.connections_max_rate.max(1)),
            }
        })
    }
}

impl Exceptions {
    /// Looks the hosts up when the setting is new.
    async fn follow(&mut self, text: String) {
        if self.text == text {
            return;
        }
        self.by_address.clear();
        for pair in text.split(',').filter(|pair| !pair.trim().is_empty()) {
            let Some((host, most)) = pair.rsplit_once(':') else {
                continue;
            };
            let host = host.trim().trim_matches(['[', ']']);
            let most: i32 = most.trim().parse().unwrap_or(i32::MAX);
            match tokio::net::lookup_host((host, 0)).await {
                Ok(mut found) => {
                    let address = found.next().map(|found| found.ip().to_canonical());
                    let most = usize::try_from(most).unwrap_or(0);
                    self.by_address
                        .extend(address.map(|address| (address, most)));
                }
                Err(error) => {
                    tracing::warn!(host, %error, "max.connections.per.ip.overrides names a host that cannot be found");
                }
            }
        }
        self.text = text;
    }
}

/// A place among the connections of a node; it is free again when this is dropped.
#[derive(Debug)]
pub(super) struct Place {
    shared: Arc<Shared>,
    counts: Arc<Mutex<Counts>>,
    address: IpAddr,
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut counts = locked(&self.counts);
        counts.total = counts.total.saturating_sub(1);
        match counts.by_address.get_mut(&self.address) {
            Some(count) if *count > 1 => *count = count.saturating_sub(1),
            _ => {
                counts.by_address.remove(&self.address);
            }
        }
        drop(counts);
        self.shared.connections.notify_waiters();
    }
}

/// Notes a connection, and says how long it is until the rate is not exceeded: at most one window.
fn opened(rate: &mut Rate, windows: Windows, now: Duration, most: f64) -> Duration {
    rate.record(windows, now, 1.0);
    let millis = rate.excess_ms(windows, now, most).round();
    let wait = Duration::try_from_secs_f64(millis / 1000.0);
    wait.unwrap_or(Duration::MAX).min(windows.length)
}

fn locked(counts: &Mutex<Counts>) -> MutexGuard<'_, Counts> {
    counts.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::cluster::configs::StaticConfig;
    use crate::engine::quota::{Alteration, Entity};
    use crate::engine::testing::Bench;
    use crate::server::clock::Clock;
    use crate::server::limits::Limits;
    use crate::server::links::LinkRules;
    use crate::server::shared::Wait;

    const A: &str = "127.0.0.1";
    const B: &str = "127.0.0.2";

    /// A connection of an address, and what becomes of it after how many milliseconds.
    type Attempt = (&'static str, u64, Came);

    #[derive(Debug, Clone, Copy, PartialEq)]
    enum Came {
        In,
        Refused,
        /// Held for so many milliseconds.
        Held(u64),
    }

    const IN: Came = Came::In;
    const REFUSED: Came = Came::Refused;

    fn shared(settings: &[(&str, &str)]) -> Arc<Shared> {
        let given: Vec<_> = settings
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect();
        let (fixed, _) = StaticConfig::read(&[], &given, 1).unwrap();
        let engine = Bench::new(settings).engine;
        let (limits, links) = (Limits::of(&fixed), LinkRules::new(7));
        Arc::new(Shared::new(engine, Clock::manual(None), limits, links))
    }

    fn elapsed(shared: &Shared) -> u64 {
        shared.clock.now().elapsed.as_millis().try_into().unwrap()
    }

    /// What becomes of a connection while time passes, and when.
    async fn take(places: &mut Places, address: &str) -> (Taken, u64) {
        let shared = Arc::clone(&places.shared);
        let time_passes =
            places.exceptions.text.is_empty() && places.bounds().exceptions.is_empty();
        let before = elapsed(&shared);
        let taking = places.take(address.parse().unwrap());
        tokio::pin!(taking);
        loop {
            tokio::select! {
                biased;
                taken = &mut taking => return (taken, elapsed(&shared) - before),
                () = tokio::task::yield_now() => {
                    // Looking a host up takes time that is not the cluster's.
                    if time_passes {
                        shared.advance(Wait::For(Duration::from_millis(50)), &[]).unwrap();
                    }
                }
            }
        }
    }

    async fn check(shared: &Arc<Shared>, attempts: &[Attempt]) {
        let mut places = Places::new(shared, NodeId(0));
        let mut open = Vec::new();
        for (at, (address, wait, expected)) in attempts.iter().enumerate() {
            let (taken, waited) = take(&mut places, address).await;
            let came = match taken {
                Taken::Place(place) => {
                    open.push(place);
                    Came::In
                }
                Taken::Full => Came::Refused,
                Taken::Throttled(wait) => Came::Held(wait.as_millis().try_into().unwrap()),
            };
            assert_eq!((waited, came), (*wait, *expected), "attempt {at}");
        }
        drop(open);
        assert_eq!(locked(&places.counts).total, 0);
        assert!(locked(&places.counts).by_address.is_empty());
    }

    #[tokio::test]
    async fn an_address_has_so_many() {
        let one = ("max.connections.per.ip", "1");
        let attempts = [(A, 0, IN), (A, 0, REFUSED), (B, 0, IN), (B, 0, REFUSED)];
        check(&shared(&[one]), &attempts).await;
        for overrides in ["127.0.0.1:2", "localhost:2", " , 127.0.0.1 : 2"] {
            let settings = [one, ("max.connections.per.ip.overrides", overrides)];
            let attempts = [
                (A, 0, IN),
                (A, 0, IN),
                (A, 0, REFUSED),
                (B, 0, IN),
                (B, 0, REFUSED),
            ];
            check(&shared(&settings), &attempts).await;
        }
    }

    #[tokio::test]
    async fn beyond_the_rate_they_wait() {
        let settings = [
            ("max.connection.creation.rate", "2"),
            ("quota.window.num", "3"),
        ];
        let at_once = [(A, 0, IN); 4];
        let attempts = [at_once.as_slice(), &[(B, 500, IN), (A, 500, IN)]].concat();
        check(&shared(&settings), &attempts).await;
    }

    /// KIP-612: those over the quota of their address are held and closed, and count for nothing.
    #[tokio::test]
    async fn beyond_the_rate_of_an_address_they_are_held() {
        let shared = shared(&[("quota.window.num", "3")]);
        let set = |name: Option<&str>, rate: f64| {
            let name = name.map(str::to_owned);
            let alteration = Alteration {
                entity: Entity::new([("ip".to_owned(), name)]),
                ops: vec![("connection_creation_rate".to_owned(), Some(rate))],
            };
            let all = shared.locked(|engine| engine.state.quotas.alter(vec![alteration], false));
            assert!(all.unwrap().iter().all(|(_, result)| result.is_ok()));
        };
        set(Some(A), 2.0);
        let at_once = [(A, 0, IN); 4];
        let held = [(A, 0, Came::Held(500)), (A, 0, Came::Held(500)), (B, 0, IN)];
        check(&shared, &[at_once.as_slice(), &held].concat()).await;
        set(None, 1.0);
        check(&shared, &[(B, 0, IN), (B, 0, IN), (B, 0, Came::Held(1000))]).await;
    }

    #[tokio::test(start_paused = true)]
    async fn beyond_all_they_wait_for_another_to_end() {
        let shared = shared(&[("max.connections", "1")]);
        let mut places = Places::new(&shared, NodeId(0));
        let address = A.parse().unwrap();
        let first = places.take(address).await;
        let second = tokio::time::timeout(Duration::from_secs(9), places.take(address)).await;
        assert!(second.is_err(), "there was no room");
        let free = tokio::spawn(async move {
            tokio::time::sleep(Duration::from_secs(1)).await;
            drop(first);
        });
        let third = tokio::time::timeout(Duration::from_secs(9), places.take(address)).await;
        assert!(matches!(third, Ok(Taken::Place(_))));
        free.await.unwrap();
    }
}
