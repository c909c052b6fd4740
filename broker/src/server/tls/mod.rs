//! TLS on listeners: keys and certificates as the settings name them, and handshakes by them.
//!
//! Settings can change while the cluster runs; who connects after that meets the new ones, and open connections stay.

mod change;
mod config;
mod handshake;
mod names;
pub(crate) mod pem;
mod stores;

use std::collections::HashMap;
use std::sync::{Arc, OnceLock, PoisonError, RwLock, Weak};

use tokio::sync::Semaphore;
use tokio_rustls::server::TlsStream;

use super::shared::Shared;
use super::transport::Stream;
use crate::engine::cluster::configs::TlsSettings;
use crate::engine::{Engine, ListenerId};
use crate::wire::apis::Request;
use crate::wire::units::NodeId;
use config::Ready;
use handshake::Peeked;

/// Handshakes that may be under way at once; more of them wait. Each takes memory before its client has shown anything.
const HANDSHAKES_MAX: usize = 256;

type Place = (NodeId, ListenerId);

/// What the listeners with TLS go by.
#[derive(Debug)]
pub(crate) struct Keyring {
    ready: RwLock<HashMap<Place, Arc<Ready>>>,
    shaking: Semaphore,
    /// Whose clock certificates expire by, once there are any.
    cluster: OnceLock<Weak<Shared>>,
}

impl Default for Keyring {
    fn default() -> Self {
        Self {
            ready: RwLock::default(),
            shaking: Semaphore::new(HANDSHAKES_MAX),
            cluster: OnceLock::new(),
        }
    }
}

/// The listeners with TLS of all nodes, and what their settings say.
fn wanted(engine: &Engine) -> Vec<(Place, String, TlsSettings)> {
    let state = &engine.state;
    let mut wanted = Vec::new();
    for node in state.cluster.all_ids() {
        for (id, listener) in state.listeners.with_ids() {
            if listener.protocol.has_tls() {
                let settings = state.configs.tls(node, &listener.prefix());
                wanted.push(((node, id), listener.name.clone(), settings));
            }
        }
    }
    wanted
}

impl Shared {
    /// Reads the keys and certificates of all listeners with TLS.
    ///
    /// # Errors
    /// The first listener that cannot be served with its settings, and why.
    pub(crate) fn load_keys(self: &Arc<Self>) -> Result<(), String> {
        let _ = self.keyring.cluster.set(Arc::downgrade(self));
        for (place, name, settings) in self.look(wanted) {
            self.load(place, settings)
                .map_err(|why| format!("listener {name}: {why}"))?;
        }
        Ok(())
    }

    /// Reads them anew where settings, or the files that they name, are others than before. A listener whose new ones cannot
    /// be used goes on with those it has.
    pub(super) fn renew_keys(&self) {
        if self.keyring.cluster.get().is_none() {
            return;
        }
        for (place, name, settings) in self.look(wanted) {
            let known = self.keys_of(place);
            if known.is_some_and(|known| known.is_of(&settings)) {
                continue;
            }
            match self.load(place, settings) {
                Ok(()) => {
                    tracing::info!(node = %place.0, "listener {name} has other keys or settings of TLS")
                }
                Err(why) => {
                    tracing::warn!(node = %place.0, "listener {name} keeps its keys and settings of TLS: {why}");
                }
            }
        }
    }

    fn load(&self, place: Place, settings: TlsSettings) -> Result<(), String> {
        let cluster = self.keyring.cluster.get().cloned().unwrap_or_default();
        let ready = Ready::of(settings, cluster)?;
        let all = self.keyring.ready.write();
        let mut all = all.unwrap_or_else(PoisonError::into_inner);
        all.insert(place, Arc::new(ready));
        Ok(())
    }

    /// Looks at the keys that a request would have listeners serve with. Says what is wrong with them, in Kafka's words.
    pub(super) fn examine_keys(&self, request: &Request) -> Option<String> {
        let Request::IncrementalAlterConfigs(request) = request else {
            return None;
        };
        self.keyring.cluster.get()?;
        let planned = self.look(|engine| engine.state.planned_keys(request));
        planned.into_iter().find_map(|(place, settings)| {
            let now = self.keys_of(place)?;
            change::check(&settings, &now.about).err()
        })
    }

    fn keys_of(&self, place: Place) -> Option<Arc<Ready>> {
        let all = self.keyring.ready.read();
        all.unwrap_or_else(PoisonError::into_inner)
            .get(&place)
            .cloned()
    }

    /// Whether a node's connections by a listener go through TLS.
    pub(super) fn has_tls(&self, place: Place) -> bool {
        self.keys_of(place).is_some()
    }

    /// Has a connection go through TLS. Says what distinguished name is in the client's certificate, if it has shown one.
    ///
    /// # Errors
    /// Why there is no connection, in words.
    pub(super) async fn secure<S: Stream>(
        &self,
        place: Place,
        stream: S,
    ) -> Result<(TlsStream<Peeked<S>>, Option<Arc<str>>), String> {
        let ready = self
            .keys_of(place)
            .ok_or("the listener has no certificate")?;
        let _shaking = self.keyring.shaking.acquire().await;
        let wall = self.clock.now().wall.0.div_euclid(1000);
        handshake::accept(ready, wall, stream).await
    }
}
