//! Options about log-ins as to Amazon MSK, and with bearer tokens.

use std::path::PathBuf;
#[cfg(feature = "oauth")]
use std::time::Duration;

use anyhow::{Context as _, Result};
use clap::Args;
#[cfg(feature = "oauth")]
use clap::builder::BoolishValueParser;
use fauxka::Builder;
use fauxka::iam::{AccessKey, Msk};

use super::read;

/// Who logs in, beside users with passwords.
#[derive(Debug, Args)]
pub(crate) struct Login {
    /// Be like a cluster of Amazon MSK: msk (three nodes, ports 9092, 9094, 9096 and 9098, MSK's defaults) or msk-serverless
    #[arg(long, value_name = "NAME", env = "FAUXKA_PROFILE")]
    pub(crate) profile: Option<String>,
    /// An access key that clients log in with as to Amazon MSK, by AWS_MSK_IAM or OAUTHBEARER, and whose it is: an ARN, or
    /// nothing for a user named fauxka. In the environment one a line
    #[arg(long, value_name = "ID:SECRET[@ARN]", value_parser = access_key, env = "FAUXKA_AWS_KEY", value_delimiter = '\n', hide_env_values = true)]
    pub(crate) aws_key: Vec<AccessKey>,
    /// The region that the cluster is in for clients of Amazon MSK, who sign for it [default: us-east-1]
    #[arg(long, value_name = "REGION", env = "FAUXKA_AWS_REGION")]
    pub(crate) aws_region: Option<String>,
    /// The cluster's ARN in Amazon MSK, which policies name: arn:aws:kafka:REGION:ACCOUNT:cluster/NAME/UUID
    #[arg(
        long,
        value_name = "ARN",
        env = "FAUXKA_AWS_CLUSTER",
        conflicts_with = "aws_region"
    )]
    pub(crate) aws_cluster: Option<Msk>,
    /// A policy in IAM's JSON that principals have, by its file; with one they connect and act only as policies allow
    #[arg(long, value_name = "FILE@ARN[,ARN]", value_parser = attached, env = "FAUXKA_AWS_POLICY", value_delimiter = '\n')]
    pub(crate) aws_policy: Vec<Attached>,
    /// Give out tokens for OAUTHBEARER: the control port has /oauth/token, where users are clients, and /oauth/jwks
    #[cfg(feature = "oauth")]
    #[arg(long, env = "FAUXKA_OAUTH", value_parser = BoolishValueParser::new())]
    pub(crate) oauth: bool,
    /// For how long such a token is good, on the cluster's clock [default: 1h]
    #[cfg(feature = "oauth")]
    #[arg(long, value_name = "DURATION", value_parser = humantime::parse_duration, env = "FAUXKA_OAUTH_LIFETIME")]
    pub(crate) oauth_lifetime: Option<Duration>,
    /// A set of keys (a JWKS) whose JWTs are taken in exchange for tokens
    #[cfg(feature = "oauth")]
    #[arg(
        long,
        value_name = "FILE",
        env = "FAUXKA_OAUTH_TRUST",
        value_delimiter = ','
    )]
    pub(crate) oauth_trust: Vec<PathBuf>,
}

impl Login {
    /// Tells a builder, but for the profile, which comes first of all.
    pub(crate) fn apply(self, mut builder: Builder) -> Result<Builder> {
        for key in self.aws_key {
            builder = builder.access_key(key);
        }
        for Attached { file, principals } in self.aws_policy {
            let document = String::from_utf8(read(&file)?).context("the policy is no text")?;
            let name = file.file_stem().unwrap_or_default().to_string_lossy();
            builder = builder.policy(name, document, principals);
        }
        if let Some(region) = self.aws_region {
            builder = builder.msk(Msk::default().region(region));
        }
        if let Some(cluster) = self.aws_cluster {
            builder = builder.msk(cluster);
        }
        #[cfg(feature = "oauth")]
        {
            if self.oauth {
                builder = builder.oauth();
            }
            if let Some(lifetime) = self.oauth_lifetime {
                builder = builder.oauth_lifetime(lifetime);
            }
            for path in &self.oauth_trust {
                let jwks = String::from_utf8(read(path)?).context("the set of keys is no text")?;
                builder = builder.oauth_trust(jwks);
            }
        }
        Ok(builder)
    }
}

/// A policy's file, and who has it.
#[derive(Debug, Clone)]
pub(crate) struct Attached {
    pub(crate) file: PathBuf,
    pub(crate) principals: Vec<String>,
}

fn attached(text: &str) -> Result<Attached, String> {
    let (file, principals) = text
        .split_once('@')
        .ok_or("not FILE@ARN: say whose the policy is")?;
    Ok(Attached {
        file: file.into(),
        principals: principals.split(',').map(str::to_owned).collect(),
    })
}

/// Whose key is that for which nothing is said.
const SOMEBODY: &str = "arn:aws:iam::123456789012:user/fauxka";

fn access_key(text: &str) -> Result<AccessKey, String> {
    let (id, rest) = text.split_once(':').ok_or("not ID:SECRET")?;
    let (secret, arn) = match rest.rsplit_once("@arn:") {
        Some((secret, arn)) => (secret, format!("arn:{arn}")),
        None => (rest, SOMEBODY.to_owned()),
    };
    Ok(AccessKey::new(id, secret, arn))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_and_policies_are_read() {
        let shown = |text: &str| access_key(text).map(|key| format!("{key:?}"));
        let alice = "arn:aws:iam::123456789012:user/alice";
        assert!(shown(&format!("AKIA:se@cret@{alice}")).is_ok_and(|key| key.contains(alice)));
        assert!(shown("AKIA:secret").is_ok_and(|key| key.contains(SOMEBODY)));
        assert!(shown("AKIA").is_err());
        let read = attached(&format!("a.json@{alice},{SOMEBODY}")).map(|read| read.principals);
        assert_eq!(read, Ok(vec![alice.to_owned(), SOMEBODY.to_owned()]));
        assert!(attached("a.json").is_err());
    }
}
