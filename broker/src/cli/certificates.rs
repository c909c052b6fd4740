//! `fauxka cert`: certificates that expire before their time.

use clap::Subcommand;
use serde_json::json;

use super::asked::Asked;

#[derive(Debug, Subcommand)]
pub(crate) enum CertificateVerb {
    /// Lists the certificates that nodes serve with
    List,
    /// Has a broker's or a client's certificate expire now: new handshakes with it fail, open connections stay
    Expire {
        /// The distinguished name, or only the common name
        certificate: String,
    },
    /// Has a certificate that has expired so be good again
    Renew {
        /// The distinguished name, or only the common name
        certificate: String,
    },
}

impl CertificateVerb {
    /// What to ask.
    pub(super) fn asked(&self) -> Asked {
        let all = "/v1/certificates";
        match self {
            Self::List => Asked::get(all),
            Self::Expire { certificate } => Asked::post(
                format!("{all}/expire"),
                json!({ "certificate": certificate }),
            ),
            Self::Renew { certificate } => Asked::post(
                format!("{all}/renew"),
                json!({ "certificate": certificate }),
            ),
        }
    }
}
