//! TLS of a cluster that is yet to start.

use std::path::PathBuf;
use std::time::Duration;

use super::Builder;
use crate::embed::certificates::Wanted;

impl Builder {
    /// Makes a certificate authority and certificates for the names and addresses under which the nodes are reached, in a
    /// folder that ends with the cluster: see [`Broker::certificates`](crate::Broker::certificates). Listeners with TLS use them
    /// unless `ssl.keystore.location` says otherwise. If no [listener](Builder::listener) is described, the single one is SSL, or
    /// SASL_SSL if there are [users](Builder::user).
    ///
    /// ```
    /// let broker = fauxka::Broker::builder().tls().start_blocking()?;
    /// assert_eq!(broker.bootstrap_of("SSL"), Some(broker.bootstrap()));
    /// # Ok::<(), fauxka::StartError>(())
    /// ```
    pub fn tls(mut self) -> Self {
        self.wanted();
        self
    }

    /// As [`Builder::tls`], in a folder that stays. An authority that is there already signs again, so clients that trust it go
    /// on trusting.
    ///
    /// ```
    /// # let folder = std::env::temp_dir().join(format!("fauxka-doc-tls-{}", std::process::id()));
    /// let broker = fauxka::Broker::builder().tls_in(&folder).start_blocking()?;
    /// drop(broker);
    /// assert!(folder.join("ca.pem").exists());
    /// # std::fs::remove_dir_all(&folder)?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn tls_in(mut self, folder: impl Into<PathBuf>) -> Self {
        self.wanted().folder = Some(folder.into());
        self
    }

    /// Has the nodes' certificate be for one more name or address; implies [`Builder::tls`].
    ///
    /// ```
    /// let broker = fauxka::Broker::builder().tls_name("kafka.test").start_blocking()?;
    /// assert!(broker.certificates().is_some());
    /// # Ok::<(), fauxka::StartError>(())
    /// ```
    pub fn tls_name(mut self, name: impl Into<String>) -> Self {
        self.wanted().names.insert(name.into());
        self
    }

    /// Makes a certificate for one more client, whose distinguished name is `CN=` and this name; implies [`Builder::tls`].
    ///
    /// ```
    /// let broker = fauxka::Broker::builder().tls_client("alice").start_blocking()?;
    /// assert!(broker.certificates().unwrap().client("alice").exists());
    /// # Ok::<(), fauxka::StartError>(())
    /// ```
    pub fn tls_client(mut self, name: impl Into<String>) -> Self {
        self.wanted().clients.insert(name.into());
        self
    }

    /// For how long certificates that are made are valid, on the cluster's clock: 825 days by default. Implies [`Builder::tls`].
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// let night = Duration::from_secs(8 * 60 * 60);
    /// let broker = fauxka::Broker::builder().tls_valid_for(night).start_blocking()?;
    /// # Ok::<(), fauxka::StartError>(())
    /// ```
    pub fn tls_valid_for(mut self, duration: Duration) -> Self {
        self.wanted().valid_for = Some(duration);
        self
    }

    fn wanted(&mut self) -> &mut Wanted {
        self.tls.get_or_insert_default()
    }
}
