//! What came of a token, without the token: what a recording has in its place, and a rerun goes by.

use serde::{Deserialize, Serialize};

use super::outcome::{Failed, Turn};
use crate::wire::units::WallMillis;

/// What the broker made of one token.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Verdict {
    /// Another token is to come.
    Challenged,
    /// The client is who it says.
    LoggedIn {
        name: String,
        /// Until when its credentials are good.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        expires: Option<WallMillis>,
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        by_token: bool,
    },
    /// It is not let in, and is told so before it says that it knows.
    Refused { why: String },
    /// It is not let in, and told so.
    Said(String),
    /// It is not let in, and told less than why.
    Masked { said: String, why: String },
    /// It is not let in, and not told why.
    Hidden(String),
    /// The connection ends at once.
    Broken(String),
}

/// As a recording has it.
#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum Written {
    Claimed { claims: String, verdict: Verdict },
    Alone(Verdict),
}

impl Verdict {
    pub(super) fn of(turn: &Result<Turn, Failed>) -> Self {
        match turn {
            Ok(Turn::Challenge(_)) => Self::Challenged,
            Ok(Turn::Done {
                name,
                expires,
                by_token,
                token: _,
            }) => Self::LoggedIn {
                name: name.clone(),
                expires: *expires,
                by_token: *by_token,
            },
            Ok(Turn::Refusal { why, .. }) => Self::Refused { why: why.clone() },
            Err(Failed::Said(why)) => Self::Said(why.clone()),
            Err(Failed::Masked { said, why }) => Self::Masked {
                said: said.clone(),
                why: why.clone(),
            },
            Err(Failed::Hidden(why)) => Self::Hidden(why.clone()),
            Err(Failed::Broken(why)) => Self::Broken(why.clone()),
        }
    }

    /// The turn that it was, with empty tokens.
    pub(super) fn turn(self) -> Result<Turn, Failed> {
        let token = Vec::new();
        match self {
            Self::Challenged => Ok(Turn::Challenge(token)),
            Self::LoggedIn {
                name,
                expires,
                by_token,
            } => Ok(Turn::Done {
                token,
                name,
                expires,
                by_token,
            }),
            // A recording has the keys that came.
            Self::Refused { why } => Ok(Turn::Refusal {
                token,
                why,
                unknown_key: None,
            }),
            Self::Said(why) => Err(Failed::Said(why)),
            Self::Masked { said, why } => Err(Failed::Masked { said, why }),
            Self::Hidden(why) => Err(Failed::Hidden(why)),
            Self::Broken(why) => Err(Failed::Broken(why)),
        }
    }

    /// What stands for the token, of which a client says that it is this one's.
    pub(crate) fn to_token(&self, claims: Option<&str>) -> Vec<u8> {
        let written = match claims {
            Some(claims) => serde_json::to_vec(&Written::Claimed {
                claims: claims.to_owned(),
                verdict: self.clone(),
            }),
            None => serde_json::to_vec(self),
        };
        written.unwrap_or_default()
    }

    pub(super) fn of_token(token: &[u8]) -> Self {
        match serde_json::from_slice(token) {
            Ok(Written::Claimed { verdict, .. } | Written::Alone(verdict)) => verdict,
            Err(_) => Self::Broken("the recording does not say what came of a token".to_owned()),
        }
    }

    /// Who a client said that it is.
    pub(super) fn claims_in(token: &[u8]) -> Option<String> {
        match serde_json::from_slice(token) {
            Ok(Written::Claimed { claims, .. }) => Some(claims),
            Ok(Written::Alone(_)) | Err(_) => None,
        }
    }
}
