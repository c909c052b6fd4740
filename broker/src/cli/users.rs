//! `fauxka user`: who can log in.

use clap::Subcommand;
use serde_json::json;

use super::asked::Asked;
use super::http::encoded;
use super::{User, user};

#[derive(Debug, Subcommand)]
pub(crate) enum UserVerb {
    /// Lists everybody who can log in
    List,
    /// Lets somebody log in, or with another password than before
    Add {
        /// The name, and the password
        #[arg(value_name = "USER:PASSWORD", value_parser = user)]
        user: User,
    },
    /// Has somebody who is logged in log in again: the next request closes each connection of theirs
    Expire {
        /// The name
        name: String,
    },
    /// Lets somebody log in no more
    Remove {
        /// The name
        name: String,
    },
}

impl UserVerb {
    /// What to ask.
    pub(super) fn asked(&self) -> Asked {
        let all = "/v1/users";
        match self {
            Self::List => Asked::get(all),
            Self::Add { user } => {
                let User { name, password } = user;
                Asked::post(all, json!({ "name": name, "password": password }))
            }
            Self::Expire { name } => Asked::command(format!("{all}/{}/expire", encoded(name))),
            Self::Remove { name } => Asked::delete(format!("{all}/{}", encoded(name))),
        }
    }
}
