//! Access keys and policies: who can log in as AWS's clients do, and what they may do.

use serde::{Deserialize, Serialize};

use super::CommandFailure;
use crate::engine::authorizer::policy::{KeptPolicy, Policy};
use crate::engine::mechanism::Mechanism;
use crate::engine::sasl::aws::AccessKey;
use crate::engine::state::State;

/// What becomes of a key or a policy.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum IamCommand {
    AddKey(AccessKey),
    RemoveKey {
        id: String,
    },
    /// It is there from now on, in the place of one of the same name; who has that has this one.
    PutPolicy(KeptPolicy),
    RemovePolicy {
        name: String,
    },
    Attach {
        name: String,
        principal: String,
    },
    Detach {
        name: String,
        principal: String,
    },
}

impl State {
    /// Lets somebody log in with a key of AWS's.
    ///
    /// # Errors
    /// No listener takes such log-ins, or it is no key.
    pub(in crate::engine) fn add_access_key(
        &mut self,
        key: AccessKey,
    ) -> Result<(), CommandFailure> {
        let takes = |by: &Mechanism| matches!(by, Mechanism::AwsMskIam | Mechanism::OAuthBearer);
        let mut all = self.listeners.all().iter();
        if !all.any(|listener| listener.mechanisms().iter().any(takes)) {
            let why = "no listener has AWS_MSK_IAM or OAUTHBEARER: start the cluster with an access key, or with a \
                       listener that has it, such as --listener SASL_PLAINTEXT://:9098?mechanisms=AWS_MSK_IAM";
            return Err(CommandFailure::Impossible(why.to_owned()));
        }
        let impossible = |why: &str| Err(CommandFailure::Impossible(why.to_owned()));
        if key.id.is_empty() || key.secret.is_empty() {
            return impossible("an access key needs an id and a secret");
        }
        if key.id.contains(['/', ' ']) {
            return impossible("an access key's id has neither slashes nor spaces");
        }
        check_arn(&key.arn)?;
        self.sasl.aws.keys.add(key);
        Ok(())
    }

    /// Forgets a key of AWS's. Who has logged in with it stays so until its session is over.
    ///
    /// # Errors
    /// There is no such key.
    fn remove_access_key(&mut self, id: &str) -> Result<(), CommandFailure> {
        if self.sasl.aws.keys.remove(id) {
            return Ok(());
        }
        let why = format!("there is no access key {id}");
        Err(CommandFailure::Unknown(why))
    }

    /// Adds a policy, or puts another in its place.
    ///
    /// # Errors
    /// It cannot be read, with the line that is wrong.
    pub(in crate::engine) fn put_policy(&mut self, new: &KeptPolicy) -> Result<(), CommandFailure> {
        let name = &new.name;
        if name.is_empty() {
            let why = "a policy needs a name".to_owned();
            return Err(CommandFailure::Impossible(why));
        }
        let policy = Policy::parse(&new.document);
        let policy =
            policy.map_err(|why| CommandFailure::Impossible(format!("policy {name}: {why}")))?;
        for principal in &new.principals {
            check_arn(principal)?;
        }
        self.policies.put(name, policy);
        for principal in &new.principals {
            self.policies.attach(name, principal);
        }
        Ok(())
    }

    pub(super) fn command_iam(&mut self, act: IamCommand) -> Result<(), CommandFailure> {
        let unknown = |name: &str| CommandFailure::Unknown(format!("there is no policy {name}"));
        match act {
            IamCommand::AddKey(key) => self.add_access_key(key),
            IamCommand::RemoveKey { id } => self.remove_access_key(&id),
            IamCommand::PutPolicy(policy) => self.put_policy(&policy),
            IamCommand::RemovePolicy { name } => {
                let had = self.policies.remove(&name);
                had.then_some(()).ok_or_else(|| unknown(&name))
            }
            IamCommand::Attach { name, principal } => {
                check_arn(&principal)?;
                let known = self.policies.attach(&name, &principal);
                known.then_some(()).ok_or_else(|| unknown(&name))
            }
            IamCommand::Detach { name, principal } => {
                let had = self.policies.detach(&name, &principal);
                had.then_some(()).ok_or_else(|| {
                    let why = format!("{principal} does not have the policy {name}");
                    CommandFailure::Unknown(why)
                })
            }
        }
    }
}

/// Refuses what is no principal of IAM's.
fn check_arn(arn: &str) -> Result<(), CommandFailure> {
    let parts: Vec<&str> = arn.splitn(6, ':').collect();
    if let &["arn", _, "iam" | "sts", _, _, whose] = parts.as_slice()
        && !whose.is_empty()
    {
        return Ok(());
    }
    Err(CommandFailure::Impossible(format!(
        "{arn:?} is no principal of IAM's: it is an ARN such as arn:aws:iam::123456789012:user/alice or \
         arn:aws:sts::123456789012:assumed-role/orders/session"
    )))
}
