//! Users that come and go while the cluster runs.

use super::CommandFailure;
use crate::engine::sasl::Mechanism;
use crate::engine::state::State;

/// A user who can log in.
///
/// ```
/// let broker = fauxka::Broker::builder().user("alice", "secret").start_blocking()?;
/// assert_eq!(broker.users()[0].name, "alice");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "server", derive(serde::Serialize))]
#[cfg_attr(feature = "control", derive(utoipa::ToSchema))]
#[non_exhaustive]
pub struct User {
    /// The name. The principal is `User:` followed by it.
    pub name: String,
    /// The SASL mechanisms: `PLAIN`, `SCRAM-SHA-256`, `SCRAM-SHA-512`. AlterUserScramCredentials changes the latter two.
    pub mechanisms: Vec<&'static str>,
}

impl State {
    /// Lets somebody log in from now on, or with another password.
    ///
    /// # Errors
    /// Nobody has to log in here, or nobody could as that.
    pub(in crate::engine) fn add_user(
        &mut self,
        name: &str,
        password: &str,
    ) -> Result<(), CommandFailure> {
        if !self.listeners.log_in() {
            let why =
                "nobody logs in here: start the cluster with a user, such as --sasl alice:secret";
            return Err(CommandFailure::Impossible(why.to_owned()));
        }
        let impossible = |what, text: &str| {
            if text.is_empty() {
                return Err(CommandFailure::Impossible(format!("a user needs a {what}")));
            }
            if text.contains('\0') {
                let why = format!("a user's {what} cannot have a zero in it: PLAIN ends it there");
                return Err(CommandFailure::Impossible(why));
            }
            Ok(())
        };
        impossible("name", name)?;
        impossible("password", password)?;
        self.sasl.add_user(name, password);
        Ok(())
    }

    /// Lets somebody log in no more, by whatever mechanism. Who has logged in stays so.
    ///
    /// # Errors
    /// There is no such user.
    pub(super) fn remove_user(&mut self, name: &str) -> Result<(), CommandFailure> {
        if self.sasl.remove_user(name) {
            return Ok(());
        }
        Err(CommandFailure::Unknown(format!("there is no user {name}")))
    }

    /// Everybody who can log in, by name.
    pub(crate) fn users(&self) -> Vec<User> {
        let all = self.sasl.users.list().into_iter();
        let user = |(name, mechanisms): (&str, Vec<Mechanism>)| User {
            name: name.to_owned(),
            mechanisms: mechanisms.into_iter().map(Mechanism::name).collect(),
        };
        all.map(user).collect()
    }
}
