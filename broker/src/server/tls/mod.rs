//! TLS on listeners: keys and certificates as the settings name them, and handshakes by them.

mod change;
mod config;
mod handshake;
mod names;
pub(crate) mod pem;
mod stores;

use std::collections::HashMap;
use std::sync::{Arc, OnceLock, PoisonError, RwLock};

use tokio::sync::Semaphore;
use tokio_rustls::server::TlsStream;

use super::transport::Stream;
use crate::engine::ListenerId;
use crate::engine::cluster::configs::TlsSettings;
use crate::wire::units::NodeId;
pub(super) use config::ClusterTime;
use config::Ready;
pub(super) use handshake::Peeked;

/// Handshakes that may be under way at once; more of them wait. Each takes memory before its client has shown anything.
const HANDSHAKES_MAX: usize = 256;

/// A listener of a node.
pub(super) type Place = (NodeId, ListenerId);

/// Whom a certificate is about, as Java writes it.
///
/// # Errors
/// It is no certificate.
pub(crate) fn subject(der: &[u8]) -> Result<String, String> {
    names::About::read(der).map(|about| about.subject)
}

/// What the listeners with TLS go by.
#[derive(Debug)]
pub(super) struct Keyring {
    ready: RwLock<HashMap<Place, Arc<Ready>>>,
    shaking: Semaphore,
    /// By which certificates expire, once there are any.
    cluster: OnceLock<ClusterTime>,
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

impl Keyring {
    /// Has certificates expire by this clock from now on.
    pub(super) fn goes_by(&self, time: ClusterTime) {
        // Whoever was first has set the same.
        let _ = self.cluster.set(time);
    }

    /// Whether any listener has TLS.
    pub(super) fn is_used(&self) -> bool {
        self.cluster.get().is_some()
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
        let time = self.cluster.get().ok_or("there is no clock yet")?;
        let ready = Ready::of(settings, time.clone())?;
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
        let ready = self.of(place).ok_or("the listener has no certificate")?;
        let time = self
            .cluster
            .get()
            .ok_or("the listener has no certificate")?;
        let _shaking = self.shaking.acquire().await;
        let now = time.wall_millis().ok_or("the cluster ends")?;
        handshake::accept(ready, now.div_euclid(1000), stream).await
    }
}
