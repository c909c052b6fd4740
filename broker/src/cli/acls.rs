//! `fauxka acl`: who may do what.

use anyhow::{Result, bail};
use clap::{Args, Subcommand};
use fauxka::acl::{Operation, PatternType, Permission, ResourceType};
use serde_json::json;

use super::asked::Asked;
use super::http::query;

#[derive(Debug, Subcommand)]
pub(crate) enum AclVerb {
    /// Lists ACLs
    List(Meant),
    /// Adds an ACL, which holds from the next request on
    Add {
        /// Who, such as User:alice; User:* is everybody
        #[arg(long)]
        principal: String,
        /// What they may do
        #[arg(long)]
        operation: Operation,
        #[command(flatten)]
        resource: Resource,
        /// All resources whose names begin with that one
        #[arg(long)]
        prefixed: bool,
        /// Denies, whatever else allows
        #[arg(long)]
        deny: bool,
        /// The client's address, or a range of addresses
        #[arg(long, default_value = "*")]
        host: String,
    },
    /// Removes the ACLs that meet all conditions
    Remove {
        #[command(flatten)]
        meant: Meant,
        /// Removes all ACLs
        #[arg(long, conflicts_with = "Meant")]
        all: bool,
    },
    /// Says whether somebody may do something, and what decides that
    Why {
        /// Who, such as User:bob
        #[arg(long)]
        principal: String,
        /// What they want to do
        #[arg(long)]
        operation: Operation,
        #[command(flatten)]
        resource: Resource,
        /// The client's address
        #[arg(long, default_value = "127.0.0.1")]
        host: String,
    },
}

/// What an ACL is about.
#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
pub(crate) struct Resource {
    /// A topic; * is all topics
    #[arg(long)]
    topic: Option<String>,
    /// A group
    #[arg(long)]
    group: Option<String>,
    /// A transactional id
    #[arg(long)]
    transactional_id: Option<String>,
    /// The cluster
    #[arg(long)]
    cluster: bool,
    /// A delegation token, by its id
    #[arg(long)]
    delegation_token: Option<String>,
    /// A user whose delegation tokens it is about, such as User:alice
    #[arg(long)]
    user_principal: Option<String>,
}

impl Resource {
    fn named(&self) -> (ResourceType, &str) {
        let named = [
            (ResourceType::Topic, &self.topic),
            (ResourceType::Group, &self.group),
            (ResourceType::TransactionalId, &self.transactional_id),
            (ResourceType::DelegationToken, &self.delegation_token),
            (ResourceType::User, &self.user_principal),
        ];
        let found = named
            .into_iter()
            .find_map(|(kind, name)| Some((kind, name.as_deref()?)));
        found.unwrap_or((ResourceType::Cluster, "kafka-cluster"))
    }
}

/// Which ACLs are meant.
#[derive(Debug, Args)]
pub(crate) struct Meant {
    /// Those of a principal
    #[arg(long)]
    principal: Option<String>,
    /// Those that allow, or those that deny
    #[arg(long)]
    permission: Option<Permission>,
    /// Those about an operation
    #[arg(long)]
    operation: Option<Operation>,
    /// Those about resources of a type, such as topic
    #[arg(long)]
    resource_type: Option<ResourceType>,
    /// Those about a resource, as it is written in the ACL
    #[arg(long)]
    resource: Option<String>,
    /// Literal or prefixed ones
    #[arg(long)]
    pattern: Option<PatternType>,
    /// Those about a host, as it is written in the ACL
    #[arg(long)]
    host: Option<String>,
}

impl Meant {
    /// As the end of a path.
    fn query(&self) -> String {
        query(&[
            ("principal", self.principal.clone()),
            ("permission", text(self.permission)),
            ("operation", text(self.operation)),
            ("resource_type", text(self.resource_type)),
            ("resource", self.resource.clone()),
            ("pattern", text(self.pattern)),
            ("host", self.host.clone()),
        ])
    }
}

fn text(said: Option<impl ToString>) -> Option<String> {
    said.map(|said| said.to_string())
}

impl AclVerb {
    /// What to ask.
    ///
    /// # Errors
    /// It would remove all ACLs without saying so.
    pub(super) fn asked(&self) -> Result<Asked> {
        let all = "/v1/acls";
        Ok(match self {
            Self::List(meant) => Asked::get(format!("{all}{}", meant.query())),
            Self::Add {
                principal,
                operation,
                resource,
                prefixed,
                deny,
                host,
            } => {
                let (kind, name) = resource.named();
                let pattern = if *prefixed {
                    PatternType::Prefixed
                } else {
                    PatternType::Literal
                };
                let permission = if *deny {
                    Permission::Deny
                } else {
                    Permission::Allow
                };
                let acl = json!({
                    "principal": principal,
                    "permission": permission,
                    "operation": operation,
                    "resource_type": kind,
                    "resource": name,
                    "pattern": pattern,
                    "host": host,
                });
                Asked::post(all, acl)
            }
            Self::Remove { meant, all: every } => {
                let query = meant.query();
                if query.is_empty() && !every {
                    bail!("say which ACLs to remove, such as --principal User:alice, or --all");
                }
                Asked::delete(format!("{all}{query}"))
            }
            Self::Why {
                principal,
                operation,
                resource,
                host,
            } => {
                let (kind, name) = resource.named();
                let parameters = query(&[
                    ("principal", Some(principal.clone())),
                    ("operation", Some(operation.to_string())),
                    ("resource_type", Some(kind.to_string())),
                    ("resource", Some(name.to_owned())),
                    ("host", Some(host.clone())),
                ]);
                Asked::get(format!("{all}/why{parameters}"))
            }
        })
    }
}
