//! Who can log in.

use super::{Broker, CommandError};
use crate::engine::commands::Command;
use crate::engine::commands::users::User;

impl Broker {
    /// Everybody who can log in, by name.
    #[must_use]
    pub fn users(&self) -> Vec<User> {
        self.started.shared.look(|engine| engine.state.users())
    }

    /// Lets somebody log in from now on, by PLAIN and SCRAM, or with another password than before.
    ///
    /// # Errors
    /// The cluster was started without users, so nobody has to log in; or name or password is empty.
    pub fn add_user(&self, name: &str, password: &str) -> Result<(), CommandError> {
        let shared = &self.started.shared;
        let (name, password) = (name.to_owned(), password.to_owned());
        Ok(shared.carry_out(Command::AddUser { name, password })?)
    }

    /// Lets somebody log in no more. Who has logged in stays so, until it has to authenticate anew.
    ///
    /// # Errors
    /// There is no such user.
    pub fn remove_user(&self, name: &str) -> Result<(), CommandError> {
        let shared = &self.started.shared;
        let name = name.to_owned();
        Ok(shared.carry_out(Command::RemoveUser { name })?)
    }
}
