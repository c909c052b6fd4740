//! Who can log in.

use super::broker::Broker;
use super::error::CommandError;
use crate::engine::commands::Command;
use crate::engine::commands::users::User;

impl Broker {
    /// Everybody who can log in, by name.
    ///
    /// ```
    /// let broker = fauxka::Broker::builder().user("alice", "secret").start_blocking()?;
    /// assert_eq!(broker.users()[0].mechanisms, ["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"]);
    /// # Ok::<(), fauxka::StartError>(())
    /// ```
    #[must_use]
    pub fn users(&self) -> Vec<User> {
        self.look(|engine| engine.state.users())
    }

    /// Lets somebody log in from now on, by PLAIN and SCRAM, or with another password than before.
    ///
    /// ```
    /// let broker = fauxka::Broker::builder().user("alice", "secret").start_blocking()?;
    /// broker.add_user("bob", "secret")?;
    /// assert_eq!(broker.users().len(), 2);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// The cluster was started without users, so nobody has to log in; or the name or the password is empty.
    pub fn add_user(&self, name: &str, password: &str) -> Result<(), CommandError> {
        let shared = &self.started.shared;
        let (name, password) = (name.to_owned(), password.to_owned());
        Ok(shared.carry_out(Command::AddUser { name, password })?)
    }

    /// Stops somebody from logging in. Connections that are logged in already stay so until they have to authenticate
    /// again.
    ///
    /// ```
    /// let broker = fauxka::Broker::builder().user("alice", "secret").start_blocking()?;
    /// broker.remove_user("alice")?;
    /// assert!(broker.users().is_empty());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// There is no such user.
    pub fn remove_user(&self, name: &str) -> Result<(), CommandError> {
        let shared = &self.started.shared;
        let name = name.to_owned();
        Ok(shared.carry_out(Command::RemoveUser { name })?)
    }
}
