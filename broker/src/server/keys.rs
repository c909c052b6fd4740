//! The keys and certificates of the listeners with TLS, as the cluster's settings have them.
//!
//! Settings can change while the cluster runs; who connects after that meets the new ones, and open connections stay.

use std::sync::{Arc, Weak};

use super::shared::Shared;
use super::tls::{Place, Validity};
use crate::engine::Engine;
use crate::engine::cluster::configs::TlsSettings;
use crate::wire::apis::Request;

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

/// Certificates are valid by the cluster's clock, and by what tests do to them.
#[derive(Debug)]
struct OfCluster(Weak<Shared>);

impl Validity for OfCluster {
    fn wall_millis(&self) -> Option<i64> {
        Some(self.0.upgrade()?.clock.now().wall.0)
    }

    fn has_expired(&self, subject: &str) -> bool {
        let shared = self.0.upgrade();
        shared.is_some_and(|shared| {
            shared.look(|engine| engine.state.expired_certificates.have(subject))
        })
    }
}

impl Shared {
    /// Reads the keys and certificates of all listeners with TLS.
    ///
    /// # Errors
    /// The first listener that cannot be served with its settings, and why.
    pub(crate) fn load_keys(self: &Arc<Self>) -> Result<(), String> {
        self.keyring
            .goes_by(Arc::new(OfCluster(Arc::downgrade(self))));
        for (place, name, settings) in self.look(wanted) {
            let loaded = self.keyring.load(place, settings);
            loaded.map_err(|why| format!("listener {name}: {why}"))?;
        }
        Ok(())
    }

    /// Reads them anew where settings, or the files that they name, are others than before. A listener whose new ones cannot
    /// be used goes on with those it has.
    pub(super) fn renew_keys(&self) {
        if !self.keyring.is_used() {
            return;
        }
        for (place, name, settings) in self.look(wanted) {
            if self.keyring.is_of(place, &settings) {
                continue;
            }
            let (node, _) = place;
            match self.keyring.load(place, settings) {
                Ok(()) => {
                    tracing::info!(%node, "listener {name} has other keys or settings of TLS");
                }
                Err(why) => {
                    tracing::warn!(%node, "listener {name} keeps its keys and settings of TLS: {why}");
                }
            }
        }
    }

    /// Looks at the keys that a request would have listeners serve with. Says what is wrong with them, in Kafka's words.
    pub(super) fn examine_keys(&self, request: &Request) -> Option<String> {
        let Request::IncrementalAlterConfigs(request) = request else {
            return None;
        };
        if !self.keyring.is_used() {
            return None;
        }
        let planned = self.look(|engine| engine.state.planned_keys(request));
        let mut planned = planned.into_iter();
        planned.find_map(|(place, settings)| self.keyring.refuse(place, &settings))
    }
}
