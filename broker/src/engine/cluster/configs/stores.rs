//! Files of keys and certificates, as settings name them.

use std::fmt;

/// A text that is never shown.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Secret(String);

impl Secret {
    pub(crate) const fn new(text: String) -> Self {
        Self(text)
    }

    #[cfg(feature = "tls")]
    pub(crate) fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[hidden]")
    }
}

/// A file of keys or certificates: `ssl.keystore.…` or `ssl.truststore.…`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct StoreSettings {
    /// `JKS`, `PKCS12` or `PEM`.
    pub(crate) kind: String,
    pub(crate) location: Option<String>,
    pub(crate) password: Option<Secret>,
}
