//! Who logs in, by a password or as to Amazon MSK, and what they may do; tokens that the cluster gives out.

use std::fs;
use std::path::Path;

use toml::Spanned;

use super::Text;
#[cfg(feature = "oauth")]
use super::grammar::OauthEntry;
use super::grammar::{AwsEntry, KeyEntry, PolicyEntry, UserEntry};
use crate::embed::builder::Builder;
use crate::embed::error::StartError;
use crate::engine::authorizer::policy::{KeptPolicy, Policy};
use crate::engine::origin::NewUser;
use crate::engine::sasl::aws::AccessKey;

impl Text<'_> {
    pub(super) fn add_users(
        &self,
        users: Vec<Spanned<UserEntry>>,
        builder: &mut Builder,
    ) -> Result<(), StartError> {
        for user in users {
            let user = self.said(user, |user| {
                let UserEntry { name, password } = user;
                Ok(NewUser { name, password })
            })?;
            builder.origin.users.push(user);
        }
        Ok(())
    }

    pub(super) fn add_aws(&self, aws: AwsEntry, builder: &mut Builder) -> Result<(), StartError> {
        let AwsEntry {
            region,
            account,
            cluster,
            uuid,
            hosts,
            keys,
            policies,
        } = aws;
        let place = builder.msk.get_or_insert_default();
        let set = |field: &mut String, said: Option<String>| {
            if let Some(said) = said {
                *field = said;
            }
        };
        set(&mut place.region, region);
        set(&mut place.account, account);
        set(&mut place.cluster, cluster);
        set(&mut place.uuid, uuid);
        place.hosts.extend(hosts);
        for key in keys {
            let key = self.said(key, |key| {
                let KeyEntry {
                    id,
                    secret,
                    session_token,
                    principal,
                } = key;
                Ok(AccessKey {
                    id,
                    secret,
                    session_token,
                    expires: None,
                    arn: principal,
                })
            })?;
            builder.origin.access_keys.push(key);
        }
        for policy in policies {
            let policy = self.said(policy, |policy| self.policy(policy))?;
            builder.origin.policies.push(policy);
        }
        Ok(())
    }

    fn policy(&self, policy: PolicyEntry) -> Result<KeptPolicy, String> {
        let PolicyEntry {
            name,
            file,
            document,
            principals,
        } = policy;
        let document = match (file, document) {
            (None, Some(document)) => document,
            (Some(file), None) => {
                let path = self.folder.unwrap_or_else(|| Path::new("")).join(file);
                let text = fs::read_to_string(&path)
                    .map_err(|why| format!("cannot read {}: {why}", path.display()))?;
                let read = Policy::parse(&text);
                read.map_err(|why| format!("{}: {why}", path.display()))?;
                text
            }
            (None, None) => return Err(format!("policy {name} needs a file, or a document")),
            (Some(_), Some(_)) => {
                return Err(format!(
                    "policy {name} has both a file and a document: keep one"
                ));
            }
        };
        Ok(KeptPolicy {
            name,
            document,
            principals,
        })
    }

    #[cfg(feature = "oauth")]
    pub(super) fn add_oauth(
        &self,
        oauth: &OauthEntry,
        builder: Builder,
    ) -> Result<Builder, StartError> {
        let mut builder = builder.oauth();
        if let Some(lifetime) = &oauth.lifetime {
            builder = builder.oauth_lifetime(self.duration(lifetime)?);
        }
        for file in &oauth.trust {
            let path = self
                .folder
                .unwrap_or_else(|| Path::new(""))
                .join(file.get_ref());
            let text = fs::read_to_string(&path).map_err(|why| {
                let why = format!("cannot read {}: {why}", path.display());
                self.refuse(file.span().start, why)
            })?;
            builder = builder.oauth_trust(text);
        }
        Ok(builder)
    }
}
