//! TLS on listeners: keys and certificates as the settings name them, and handshakes by them.

mod change;
mod config;
#[cfg(all(feature = "control", feature = "oauth"))]
mod dialling;
mod handshake;
mod names;
pub(crate) mod pem;
mod stores;
mod validity;
mod verifier;

use std::collections::HashMap;
use std::sync::{Arc, OnceLock, PoisonError, RwLock};

use tokio::sync::Semaphore;
use tokio_rustls::server::TlsStream;

use super::transport::Stream;
use crate::engine::ListenerId;
use crate::engine::cluster::configs::TlsSettings;
use crate::wire::units::NodeId;
use config::Ready;
#[cfg(all(feature = "control", feature = "oauth"))]
pub(super) use dialling::to;
pub(super) use handshake::Peeked;
use names::About;
pub(super) use validity::Validity;

/// Handshakes that may be under way at once; more of them wait. Each takes memory before its client has shown anything.
const HANDSHAKES_MAX: usize = 256;

/// A listener of a node.
pub(super) type Place = (NodeId, ListenerId);

/// Whom a certificate is about, as Java writes it.
///
/// # Errors
/// It is no certificate.
pub(crate) fn subject(der: &[u8]) -> Result<String, String> {
    About::read(der).map(|about| about.subject)
}

/// Reads bytes as every kind of store and as a certificate, for a fuzzer.
#[cfg(any(test, fuzzing))]
#[cfg(all(feature = "control", feature = "oauth"))]
pub(crate) fn examine(bytes: &[u8], password: &str) {
    stores::examine(bytes, password);
}

/// What the listeners with TLS go by.
#[derive(Debug)]
pub(super) struct Keyring {
    ready: RwLock<HashMap<Place, Arc<Ready>>>,
    shaking: Semaphore,
    /// Which certificates are valid, once there are any.
    validity: OnceLock<Arc<dyn Validity>>,
}

impl Default for Keyring {
    fn default() -> Self {
        Self {
            ready: RwLock::default(),
            shaking: Semaphore::new(HANDSHAKES_MAX),
            validity: OnceLock::new(),
        }
    }
}

impl Keyring {
    /// Has certificates be valid as this says from now on.
    pub(super) fn goes_by(&self, validity: Arc<dyn Validity>) {
        // Whoever was first has set the same.
        let _ = self.validity.set(validity);
    }

    /// Whether any listener has TLS.
    pub(super) fn is_used(&self) -> bool {
        self.validity.get().is_some()
    }

    /// Whether a listener goes by these settings, and the files that they name are as they were.
    pub(super) fn is_of(&self, place: Place, settings: &TlsSettings) -> bool {
        self.of(place).is_some_and(|ready| ready.is_of(settings))
    }

    /// Reads what the settings of a listener name, by which it goes from now on.
    ///
    /// # Errors
    /// What is wrong with it, and the way out.
    pub(super) fn load(&self, place: Place, settings: TlsSettings) -> Result<(), String> {
        let validity = self.validity.get().ok_or("there is no cluster yet")?;
        let ready = Ready::of(settings, Arc::clone(validity))?;
        let all = self.ready.write();
        let mut all = all.unwrap_or_else(PoisonError::into_inner);
        all.insert(place, Arc::new(ready));
        Ok(())
    }

    /// Says what is wrong with keys that a listener is to serve with, in Kafka's words.
    pub(super) fn refuse(&self, place: Place, settings: &TlsSettings) -> Option<String> {
        let now = self.of(place)?;
        change::check(settings, &now.about).err()
    }

    fn of(&self, place: Place) -> Option<Arc<Ready>> {
        let all = self.ready.read();
        let all = all.unwrap_or_else(PoisonError::into_inner);
        all.get(&place).cloned()
    }

    /// Whether a node's connections by a listener go through TLS.
    pub(super) fn has(&self, place: Place) -> bool {
        self.of(place).is_some()
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
        let none = "the listener has no certificate";
        let ready = self.of(place).ok_or(none)?;
        let validity = self.validity.get().ok_or(none)?;
        let _shaking = self.shaking.acquire().await;
        let now = validity.wall_millis().ok_or("the cluster ends")?;
        let about = &ready.about;
        let has_expired =
            now.div_euclid(1000) > about.not_after || validity.has_expired(&about.subject);
        handshake::accept(ready, has_expired, stream).await
    }

    /// The certificates by which listeners are served.
    pub(super) fn served(&self) -> Vec<(Place, About)> {
        let all = self.ready.read();
        let all = all.unwrap_or_else(PoisonError::into_inner);
        let served = all
            .iter()
            .map(|(place, ready)| (*place, ready.about.clone()));
        let mut served: Vec<_> = served.collect();
        served.sort_unstable_by_key(|(place, _)| *place);
        served
    }
}
