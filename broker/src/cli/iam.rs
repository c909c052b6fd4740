//! `fauxka access-key`, `fauxka policy` and `fauxka aws`: log-ins as to Amazon MSK, and what principals of IAM may do.

use std::path::PathBuf;

use anyhow::{Context as _, Result};
use clap::Subcommand;
use serde_json::{Value as Json, json};

use super::asked::{Asked, Asking};
use super::http::encoded;
use super::read;

#[derive(Debug, Subcommand)]
pub(crate) enum AccessKeyVerb {
    /// Lists the access keys that clients can log in with
    List,
    /// Lets clients log in with an access key
    Add {
        /// The key's id, and its secret
        #[arg(value_name = "ID:SECRET", value_parser = super::user)]
        key: super::User,
        /// Whose key it is: the ARN of an IAM user, or of a role's session
        #[arg(long, value_name = "ARN")]
        principal: String,
        /// The token that requests must carry, if the key is a role session's
        #[arg(long, value_name = "TOKEN")]
        session_token: Option<String>,
        /// How long the session lasts on the cluster's clock, such as 15m
        #[arg(long, value_name = "DURATION")]
        expires_in: Option<String>,
    },
    /// Lets clients log in with an access key no more
    Remove {
        /// The key's id
        id: String,
    },
}

impl AccessKeyVerb {
    /// What to ask.
    pub(super) fn asked(&self) -> Asked {
        let all = "/v1/access-keys";
        match self {
            Self::List => Asked::get(all),
            Self::Add {
                key,
                principal,
                session_token,
                expires_in,
            } => {
                let body = json!({
                    "id": key.name,
                    "secret": key.password,
                    "principal": principal,
                    "session_token": session_token,
                    "expires_in": expires_in,
                });
                Asked::post(all, body)
            }
            Self::Remove { id } => Asked::delete(format!("{all}/{}", encoded(id))),
        }
    }
}

#[derive(Debug, Subcommand)]
pub(crate) enum PolicyVerb {
    /// Lists the policies, and who has each
    List,
    /// Adds a policy in IAM's JSON, or changes it
    Put {
        /// The policy's name
        name: String,
        /// The file that it is in
        file: PathBuf,
        /// The ARNs of those who get it
        #[arg(long, value_name = "ARN", value_delimiter = ',')]
        principal: Vec<String>,
    },
    /// Removes a policy
    Remove {
        /// The policy's name
        name: String,
    },
    /// Gives a policy to a principal
    Attach {
        /// The policy's name
        name: String,
        /// The ARN of an IAM user, a role or a role's session
        principal: String,
    },
    /// Takes a policy from a principal
    Detach {
        /// The policy's name
        name: String,
        /// The ARN of an IAM user, a role or a role's session
        principal: String,
    },
}

impl PolicyVerb {
    /// What to ask.
    pub(super) fn asked(&self) -> Result<Asked> {
        let all = "/v1/policies";
        let one = |name: &str| format!("{all}/{}", encoded(name));
        Ok(match self {
            Self::List => Asked::get(all),
            Self::Put {
                name,
                file,
                principal,
            } => {
                let document = String::from_utf8(read(file)?).context("the policy is no text")?;
                let body = json!({ "document": document, "principals": principal });
                Asked::put(one(name), body)
            }
            Self::Remove { name } => Asked::delete(one(name)),
            Self::Attach { name, principal } => {
                let path = format!("{}/attach", one(name));
                Asked::post(path, json!({ "principal": principal }))
            }
            Self::Detach { name, principal } => {
                let path = format!("{}/detach", one(name));
                Asked::post(path, json!({ "principal": principal }))
            }
        })
    }
}

/// Prints what GetBootstrapBrokers of MSK would: the addresses of the brokers, for each way to log in.
pub(super) fn bootstrap_brokers(asking: &Asking) -> Result<()> {
    let all = asking.ask(&Asked::get("/v1/clusters"))?;
    let arn = all
        .pointer("/clusterInfoList/0/clusterArn")
        .and_then(Json::as_str)
        .context("the control port does not say which cluster of MSK this is")?;
    let path = format!("/v1/clusters/{}/bootstrap-brokers", encoded(arn));
    asking.show(&[Asked::get(path)], |answer| as_aws_prints(arn, answer))
}

/// The strings by the names that AWS's command line gives them.
fn as_aws_prints(arn: &str, answer: &Json) -> String {
    let mut text = format!("ClusterArn {arn}\n");
    for (name, brokers) in answer.as_object().into_iter().flatten() {
        let mut letters = name.chars();
        let first = letters.next().map(|first| first.to_ascii_uppercase());
        text.extend(first);
        text.push_str(letters.as_str());
        text.push_str(&format!(" {}\n", brokers.as_str().unwrap_or_default()));
    }
    text
}
