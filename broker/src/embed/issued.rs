//! Tokens that the cluster gives out.

use super::broker::Broker;
use super::error::CommandError;
use crate::engine::commands::CommandFailure;
use crate::engine::sasl::oauth::{Asked, CLIENT_CREDENTIALS};

impl Broker {
    /// A token for a user, as the token endpoint gives it for `client_credentials`.
    ///
    /// ```
    /// let broker = fauxka::Broker::builder().oauth().user("alice", "secret").start_blocking()?;
    /// assert!(broker.token("alice", "secret").is_ok());
    /// assert!(broker.token("alice", "wrong").is_err());
    /// # Ok::<(), fauxka::StartError>(())
    /// ```
    ///
    /// # Errors
    /// The cluster gives out no tokens, or there is no such user.
    pub fn token(&self, user: &str, password: &str) -> Result<String, CommandError> {
        let asked = Asked {
            grant: CLIENT_CREDENTIALS.to_owned(),
            client: Some((user.to_owned(), password.to_owned())),
            ..Asked::default()
        };
        let now = self.started.shared.clock.now().wall;
        let granted = self.look(|engine| engine.state.grant(&asked, now));
        let granted = granted.map_err(|refused| CommandFailure::Impossible(refused.why))?;
        Ok(granted.token)
    }
}
