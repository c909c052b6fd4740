//! TLS on listeners: keys and certificates as the settings name them, and handshakes by them.
//!
//! Settings can change while the cluster runs; who connects after that meets the new ones, and open connections stay.

mod config;
mod handshake;
mod names;
pub(crate) mod pem;
mod stores;

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

use tokio::sync::Semaphore;
use tokio_rustls::server::TlsStream;

use super::shared::Shared;
use super::transport::Stream;
use crate::engine::cluster::configs::TlsSettings;
use crate::engine::{Engine, ListenerId};
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
}

impl Default for Keyring {
    fn default() -> Self {
        Self {
            ready: RwLock::default(),
            shaking: Semaphore::new(HANDSHAKES_MAX),
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
    /// Reads the keys and certificates of all listeners with TLS anew, where their settings are others than before.
    ///
    /// # Errors
    /// The first listener that cannot be served with its settings, and why. Those read before it are in force.
    pub(crate) fn load_keys(self: &Arc<Self>) -> Result<(), String> {
        for (place, name, settings) in self.look(wanted) {
            let known = self.keys_of(place);
            if known.is_some_and(|known| known.settings == settings) {
                continue;
            }
            let ready = Ready::of(settings, self);
            let ready = ready.map_err(|why| format!("listener {name}: {why}"))?;
            let all = self.keyring.ready.write();
            let mut all = all.unwrap_or_else(PoisonError::into_inner);
            all.insert(place, Arc::new(ready));
        }
        Ok(())
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
