//! Who may connect to a node: how many, how many from one address, and how fast.
//!
//! Like Kafka's acceptor it holds a connection, and all that come after it, until the rate and the
//! number of connections allow it, and refuses one too many from its address. The settings may change
//! while the broker runs; what is open then stays open.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::time::{Instant, sleep};

use super::rate::Rate;
use super::shared::Shared;
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
    started: Instant,
    rate: Rate,
    exceptions: Exceptions,
}

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
    a_second: u32,
}

impl Places {
    pub(super) fn new(shared: &Arc<Shared>, node: NodeId) -> Self {
        Self {
            shared: Arc::clone(shared),
            node,
            counts: Arc::default(),
            started: Instant::now(),
            rate: Rate::new(shared.limits.quota_windows),
            exceptions: Exceptions::default(),
        }
    }

    /// A place for a connection from this address, once there is one; none if the address has
    /// all of its own.
    pub(super) async fn take(&mut self, address: IpAddr) -> Option<Place> {
        let wait = self
            .rate
            .record(self.started.elapsed(), self.bounds().a_second);
        if !wait.is_zero() {
            tracing::debug!(node = %self.node, %address, ?wait, "a connection waits for max.connection.creation.rate");
            sleep(wait).await;
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
        self.exceptions.follow(bounds.exceptions).await;
        let most = self.exceptions.by_address.get(&address).copied();
        let most = most.unwrap_or(bounds.per_address);
        let mut counts = locked(&self.counts);
        let count = counts.by_address.get(&address).copied().unwrap_or(0);
        if count >= most {
            return None;
        }
        counts.by_address.insert(address, count.saturating_add(1));
        counts.total = counts.total.saturating_add(1);
        drop(counts);
        Some(Place {
            shared,
            counts: Arc::clone(&self.counts),
            address,
        })
    }

    fn bounds(&self) -> Bounds {
        self.shared.with_engine(|engine| {
            let config = engine.broker_config(self.node);
            let exceptions = &config.connections_max_per_ip_overrides;
            Bounds {
                total: config.connections_max,
                per_address: config.connections_max_per_ip,
                exceptions: exceptions.clone().unwrap_or_default(),
                a_second: config.connections_max_rate.try_into().unwrap_or(u32::MAX),
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

fn locked(counts: &Mutex<Counts>) -> MutexGuard<'_, Counts> {
    counts.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::engine::cluster::configs::StaticConfig;
    use crate::engine::testing::Bench;
    use crate::server::clock::Clock;
    use crate::server::limits::Limits;
    use crate::server::link::rules::LinkRules;

    const A: &str = "127.0.0.1";
    const B: &str = "127.0.0.2";

    /// A connection of an address, and whether it is let in, after how many milliseconds.
    type Attempt = (&'static str, Option<u128>);

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

    async fn check(settings: &[(&str, &str)], attempts: &[Attempt]) {
        let shared = shared(settings);
        let mut places = Places::new(&shared, NodeId(0));
        let mut open = Vec::new();
        for (at, (address, expected)) in attempts.iter().enumerate() {
            let before = Instant::now();
            let place = places.take(address.parse().unwrap()).await;
            let told = place.as_ref().map(|_| before.elapsed().as_millis());
            assert_eq!(told, *expected, "attempt {at} with {settings:?}");
            open.extend(place);
        }
        drop(open);
        assert_eq!(locked(&places.counts).total, 0);
        assert!(locked(&places.counts).by_address.is_empty());
    }

    #[tokio::test(start_paused = true)]
    async fn an_address_has_so_many() {
        let now = Some(0);
        let one = ("max.connections.per.ip", "1");
        check(&[one], &[(A, now), (A, None), (B, now), (B, None)]).await;
        for overrides in ["127.0.0.1:2", "localhost:2", " , 127.0.0.1 : 2"] {
            let settings = [one, ("max.connections.per.ip.overrides", overrides)];
            check(
                &settings,
                &[(A, now), (A, now), (A, None), (B, now), (B, None)],
            )
            .await;
        }
    }

    #[tokio::test(start_paused = true)]
    async fn beyond_the_rate_they_wait() {
        let settings = [
            ("max.connection.creation.rate", "2"),
            ("quota.window.num", "3"),
        ];
        let at_once = [(A, Some(0)); 4];
        let attempts = [at_once.as_slice(), &[(B, Some(500)), (A, Some(500))]].concat();
        check(&settings, &attempts).await;
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
            sleep(Duration::from_secs(1)).await;
            drop(first);
        });
        let third = tokio::time::timeout(Duration::from_secs(9), places.take(address)).await;
        assert!(third.is_ok_and(|place| place.is_some()));
        free.await.unwrap();
    }
}
