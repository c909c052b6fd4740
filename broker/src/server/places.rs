//! Who may connect to a node: how many, how many by one listener or from one address, and how fast.
//!
//! Like Kafka's acceptor it holds a connection, and all that come after it, until the rate and the
//! number of connections allow it, and refuses one too many from its address. Connections beyond their
//! address's quota are closed after a while, without a word (KIP-612). The settings may change
//! while the broker runs; what is open then stays open. Time is the cluster's.

use std::collections::HashMap;
use std::hash::Hash;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::shared::Shared;
use crate::engine::ListenerId;
use crate::engine::quota::{Rate, Windows};
use crate::wire::units::NodeId;

/// How many connections there are.
#[derive(Debug, Default)]
struct Counts {
    total: usize,
    by_listener: HashMap<ListenerId, usize>,
    by_address: HashMap<IpAddr, usize>,
}

/// What all listeners of a node have in common.
#[derive(Debug)]
pub(super) struct Room {
    shared: Arc<Shared>,
    node: NodeId,
    counts: Mutex<Counts>,
    rates: Mutex<Rates>,
}

/// How fast connections come.
#[derive(Debug, Default)]
struct Rates {
    /// All of them, but for those that brokers may use.
    all: Rate,
    /// Those from addresses with a quota.
    by_address: HashMap<IpAddr, Rate>,
}

/// Lets connections of one listener in.
#[derive(Debug)]
pub(super) struct Places {
    room: Arc<Room>,
    listener: ListenerId,
    /// Of this listener's connections.
    rate: Rate,
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
    /// Of this listener alone.
    of_listener: usize,
    per_address: usize,
    exceptions: String,
    a_second: f64,
    /// The same of this listener alone.
    a_second_of_listener: f64,
    /// Brokers talk to each other here, so the node's own limits do not count (KIP-402, KIP-612).
    is_protected: bool,
}

impl Room {
    pub(super) fn new(shared: &Arc<Shared>, node: NodeId) -> Self {
        Self {
            shared: Arc::clone(shared),
            node,
            counts: Mutex::default(),
            rates: Mutex::default(),
        }
    }

    /// For how long a connection from an address with a quota is held before it is closed.
    fn throttled(&self, address: IpAddr) -> Duration {
        let shared = &self.shared;
        let most = shared.look(|engine| engine.state.quotas.connection_rate(address));
        let Some(most) = most else {
            return Duration::ZERO;
        };
        let windows = shared.limits.quota_windows;
        let now = shared.clock.now().elapsed;
        let mut rates = locked(&self.rates);
        let rates = &mut rates.by_address;
        if rates.len() >= SWEEP_FROM {
            rates.retain(|_, rate| !rate.is_over(windows, now));
        }
        let rate = rates.entry(address).or_default();
        let wait = opened(rate, windows, now, most);
        if !wait.is_zero() {
            rate.record(windows, now, -1.0);
        }
        wait
    }
}

impl Places {
    pub(super) fn new(room: &Arc<Room>, listener: ListenerId) -> Self {
        Self {
            room: Arc::clone(room),
            listener,
            rate: Rate::default(),
            exceptions: Exceptions::default(),
        }
    }

    pub(super) fn node(&self) -> NodeId {
        self.room.node
    }

    pub(super) const fn listener(&self) -> ListenerId {
        self.listener
    }

    /// A place for a connection from this address, once there is one.
    pub(super) async fn take(&mut self, address: IpAddr) -> Taken {
        let room = Arc::clone(&self.room);
        let shared = &room.shared;
        let windows = shared.limits.quota_windows;
        let bounds = self.bounds();
        let wait = self.wait_for_rate(&bounds);
        if !wait.is_zero() {
            tracing::debug!(node = %room.node, %address, ?wait, "a connection waits for max.connection.creation.rate");
            shared.clock.sleep(wait).await;
        }
        let bounds = loop {
            let news = shared.connections.notified();
            let bounds = self.bounds();
            if self.has_room(&bounds) {
                break bounds;
            }
            news.await;
        };
        let wait = room.throttled(address);
        if !wait.is_zero() {
            // It is not let in, so it counts for nobody.
            let now = shared.clock.now().elapsed;
            self.rate.record(windows, now, -1.0);
            if !bounds.is_protected {
                locked(&room.rates).all.record(windows, now, -1.0);
            }
            return Taken::Throttled(wait);
        }
        self.exceptions.follow(bounds.exceptions).await;
        let most = self.exceptions.by_address.get(&address).copied();
        let most = most.unwrap_or(bounds.per_address);
        let mut counts = locked(&room.counts);
        let count = counts.by_address.get(&address).copied().unwrap_or(0);
        if count >= most {
            return Taken::Full;
        }
        counts.by_address.insert(address, count.saturating_add(1));
        counts.total = counts.total.saturating_add(1);
        let own = counts.by_listener.entry(self.listener).or_default();
        *own = own.saturating_add(1);
        drop(counts);
        Taken::Place(Place {
            room,
            listener: self.listener,
            address,
        })
    }

    /// Notes a connection, and says how long it is until neither the node's rate nor the listener's is exceeded.
    fn wait_for_rate(&mut self, bounds: &Bounds) -> Duration {
        let shared = &self.room.shared;
        let windows = shared.limits.quota_windows;
        let now = shared.clock.now().elapsed;
        let own = opened(&mut self.rate, windows, now, bounds.a_second_of_listener);
        if bounds.is_protected {
            return own;
        }
        let mut rates = locked(&self.room.rates);
        own.max(opened(&mut rates.all, windows, now, bounds.a_second))
    }

    fn has_room(&self, bounds: &Bounds) -> bool {
        let counts = locked(&self.room.counts);
        let own = counts.by_listener.get(&self.listener);
        let own = own.copied().unwrap_or(0);
        own < bounds.of_listener && (bounds.is_protected || counts.total < bounds.total)
    }

    fn bounds(&self) -> Bounds {
        let node = self.room.node;
        self.room.shared.look(|engine| {
            let state = &engine.state;
            let config = state.broker_config(node);
            let own = state.listener_config(node, self.listener);
            let exceptions = &config.connections_max_per_ip_overrides;
            Bounds {
                total: config.connections_max,
                of_listener: own.connections_max,
                per_address: config.connections_max_per_ip,
                exceptions: exceptions.clone().unwrap_or_default(),
                a_second: f64::from(config.connections_max_rate.max(1)),
                a_second_of_listener: f64::from(own.connections_max_rate.max(1)),
                is_protected: state.is_of_brokers(node, self.listener),
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
    room: Arc<Room>,
    listener: ListenerId,
    address: IpAddr,
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut counts = locked(&self.room.counts);
        counts.total = counts.total.saturating_sub(1);
        one_less(&mut counts.by_address, &self.address);
        one_less(&mut counts.by_listener, &self.listener);
        drop(counts);
        self.room.shared.connections.notify_waiters();
    }
}

fn one_less<K: Eq + Hash>(counts: &mut HashMap<K, usize>, of: &K) {
    match counts.get_mut(of) {
        Some(count) if *count > 1 => *count = count.saturating_sub(1),
        _ => {
            counts.remove(of);
        }
    }
}

/// Notes a connection, and says how long it is until the rate is not exceeded: at most one window.
fn opened(rate: &mut Rate, windows: Windows, now: Duration, most: f64) -> Duration {
    rate.record(windows, now, 1.0);
    let millis = rate.excess_ms(windows, now, most).round();
    let wait = Duration::try_from_secs_f64(millis / 1000.0);
    wait.unwrap_or(Duration::MAX).min(windows.length)
}

fn locked<T>(counts: &Mutex<T>) -> MutexGuard<'_, T> {
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

    fn at(shared: &Arc<Shared>) -> Places {
        Places::new(&Arc::new(Room::new(shared, NodeId(0))), ListenerId(0))
    }

    fn elapsed(shared: &Shared) -> u64 {
        shared.clock.now().elapsed.as_millis().try_into().unwrap()
    }

    /// What becomes of a connection while time passes, and when.
    async fn take(places: &mut Places, address: &str) -> (Taken, u64) {
        let shared = Arc::clone(&places.room.shared);
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
        let mut places = at(shared);
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
        let counts = locked(&places.room.counts);
        assert_eq!(counts.total, 0);
        assert!(counts.by_address.is_empty() && counts.by_listener.is_empty());
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

    /// KIP-402, KIP-612: the node's limit is of all listeners but the one by which brokers talk, a listener's its own.
    #[tokio::test(start_paused = true)]
    async fn a_listener_has_so_many_and_the_node_has_so_many() {
        let patience = Duration::from_secs(1);
        let address = A.parse().unwrap();
        let settings = [
            ("max.connections", "2"),
            ("listener.name.plaintext.max.connections", "1"),
        ];
        let shared = shared(&settings);
        let room = Arc::new(Room::new(&shared, NodeId(0)));
        let mut first = Places::new(&room, ListenerId(0));
        let mut other = Places::new(&room, ListenerId(1));
        let one = first.take(address).await;
        let full = tokio::time::timeout(patience, first.take(address)).await;
        assert!(full.is_err(), "the listener has one connection");
        let two = other.take(address).await;
        let full = tokio::time::timeout(patience, other.take(address)).await;
        assert!(full.is_err(), "the node has two");
        drop(two);
        assert!(matches!(other.take(address).await, Taken::Place(_)));
        drop(one);
        assert!(matches!(first.take(address).await, Taken::Place(_)));
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
        let mut places = at(&shared);
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
