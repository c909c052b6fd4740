//! Why a cluster does not start.

use std::io;

/// Why a cluster does not start.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StartError {
    /// An address cannot be listened on.
    #[error("cannot listen on {address}")]
    Listen {
        /// The address.
        address: String,
        /// What the operating system says.
        source: io::Error,
    },
    /// A setting, topic, node or rack that a cluster cannot have.
    #[error("{0}")]
    Invalid(String),
    /// The operating system refuses threads or sockets.
    #[error("the operating system refuses what a broker needs")]
    Run(#[from] io::Error),
}

impl StartError {
    pub(super) fn invalid(why: impl ToString) -> Self {
        Self::Invalid(why.to_string())
    }
}
