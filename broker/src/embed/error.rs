//! Why a cluster does not start, or does not do as it is told.

use std::io;

use crate::engine::commands::CommandFailure;
use crate::wire::error::ErrorCode;

/// Why a cluster does not start.
///
/// ```
/// use fauxka::{Broker, StartError};
///
/// let error = Broker::builder().config("num.partitons", "3").start_blocking().unwrap_err();
/// assert!(matches!(error, StartError::Invalid(_)));
/// assert!(error.to_string().contains("num.partitions"), "the message suggests the right name");
/// ```
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StartError {
    /// The cluster cannot listen on an address.
    #[error("cannot listen on {address}")]
    Listen {
        /// The address.
        address: String,
        /// What the operating system says.
        source: io::Error,
    },
    /// No cluster can have this setting, topic, node or rack. The text says why.
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

/// Why the cluster cannot do what it was told to. The message also says what you can do instead, where
/// there is something.
///
/// ```
/// let broker = fauxka::Broker::builder().topic("orders", 1, 1).start_blocking()?;
/// let error = broker.partition("orders", 7).records().unwrap_err();
/// assert_eq!(error.to_string(), "there is no partition orders-7");
/// # Ok::<(), fauxka::StartError>(())
/// ```
#[derive(Debug, thiserror::Error)]
#[error(transparent)]
pub struct CommandError(#[from] CommandFailure);

impl CommandError {
    /// Kafka's error, if a client that asked for the same would get one.
    ///
    /// ```
    /// use fauxka::{Broker, ErrorCode};
    ///
    /// let broker = Broker::builder().topic("orders", 1, 1).start_blocking()?;
    /// let error = broker.create_topic("orders").create().unwrap_err();
    /// assert_eq!(error.code(), Some(ErrorCode::TopicAlreadyExists));
    /// # Ok::<(), fauxka::StartError>(())
    /// ```
    #[must_use]
    pub const fn code(&self) -> Option<ErrorCode> {
        match &self.0 {
            CommandFailure::Kafka { code, .. } => Some(*code),
            CommandFailure::Unknown(_)
            | CommandFailure::Impossible(_)
            | CommandFailure::Rule(_) => None,
        }
    }
}
