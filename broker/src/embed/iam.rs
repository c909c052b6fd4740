//! Log-ins with AWS's credentials, and policies, while a cluster runs.

use super::broker::Broker;
use super::credentials::AccessKey;
use super::error::CommandError;
use crate::engine::authorizer::policy::KeptPolicy;
use crate::engine::commands::{Command, IamCommand};
use crate::engine::inspect::iam::{AccessKeyView, PolicyView};

impl Broker {
    /// The Amazon Resource Name of the cluster of MSK that this one stands for.
    ///
    /// ```
    /// let broker = fauxka::Broker::builder().start_blocking()?;
    /// assert!(broker.cluster_arn().starts_with("arn:aws:kafka:us-east-1:123456789012:cluster/fauxka/"));
    /// # Ok::<(), fauxka::StartError>(())
    /// ```
    #[must_use]
    pub fn cluster_arn(&self) -> String {
        self.look(|engine| engine.state.sasl.aws.place.cluster_arn())
    }

    /// The access keys with which clients can log in, without their secrets.
    ///
    /// ```
    /// use fauxka::iam::AccessKey;
    ///
    /// let key = AccessKey::new("AKIAEXAMPLE", "secret", "arn:aws:iam::123456789012:user/alice");
    /// let broker = fauxka::Broker::builder().access_key(key).start_blocking()?;
    /// assert_eq!(broker.access_keys()[0].principal, "arn:aws:iam::123456789012:user/alice");
    /// # Ok::<(), fauxka::StartError>(())
    /// ```
    #[must_use]
    pub fn access_keys(&self) -> Vec<AccessKeyView> {
        self.look(|engine| engine.state.access_keys())
    }

    /// Lets clients log in with an access key from now on.
    ///
    /// ```
    /// use fauxka::iam::AccessKey;
    ///
    /// let alice = "arn:aws:iam::123456789012:user/alice";
    /// let key = |id: &str| AccessKey::new(id, "secret", alice);
    /// let broker = fauxka::Broker::builder().access_key(key("AKIA1")).start_blocking()?;
    /// broker.add_access_key(key("AKIA2"))?;
    /// assert_eq!(broker.access_keys().len(), 2);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// No listener takes AWS_MSK_IAM or OAUTHBEARER, or the key has no id, no secret or no principal of IAM's.
    pub fn add_access_key(&self, key: AccessKey) -> Result<(), CommandError> {
        let key = key.into();
        Ok(self
            .started
            .shared
            .carry_out(Command::Iam(IamCommand::AddKey(key)))?)
    }

    /// Stops clients from logging in with an access key. Connections that have logged in already stay so until their
    /// session ends.
    ///
    /// ```
    /// use fauxka::iam::AccessKey;
    ///
    /// let key = AccessKey::new("AKIAEXAMPLE", "secret", "arn:aws:iam::123456789012:user/alice");
    /// let broker = fauxka::Broker::builder().access_key(key).start_blocking()?;
    /// broker.remove_access_key("AKIAEXAMPLE")?;
    /// assert!(broker.access_keys().is_empty());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// There is no such key.
    pub fn remove_access_key(&self, id: &str) -> Result<(), CommandError> {
        let id = id.to_owned();
        Ok(self
            .started
            .shared
            .carry_out(Command::Iam(IamCommand::RemoveKey { id }))?)
    }

    /// The policies by which principals of IAM may do things, and who has each.
    ///
    /// ```
    /// let broker = fauxka::Broker::builder().start_blocking()?;
    /// assert!(broker.policies().is_empty());
    /// # Ok::<(), fauxka::StartError>(())
    /// ```
    #[must_use]
    pub fn policies(&self) -> Vec<PolicyView> {
        self.look(|engine| engine.state.policies())
    }

    /// Adds a policy in IAM's JSON, in the place of one of the same name: who has that has this one.
    ///
    /// ```
    /// let broker = fauxka::Broker::builder().start_blocking()?;
    /// let error = broker.put_policy("orders", r#"{"Statement":[{"Effect":"Perhaps"}]}"#).unwrap_err();
    /// assert!(error.to_string().starts_with("policy orders: line 1: "));
    /// # Ok::<(), fauxka::StartError>(())
    /// ```
    ///
    /// # Errors
    /// It cannot be read; the message names the line.
    pub fn put_policy(&self, name: &str, document: &str) -> Result<(), CommandError> {
        self.command_iam(IamCommand::PutPolicy(KeptPolicy {
            name: name.to_owned(),
            document: document.to_owned(),
            principals: Vec::new(),
        }))
    }

    /// Takes a policy away from everybody who has it, and forgets it.
    ///
    /// ```
    /// let broker = fauxka::Broker::builder().start_blocking()?;
    /// assert!(broker.remove_policy("orders").is_err());
    /// # Ok::<(), fauxka::StartError>(())
    /// ```
    ///
    /// # Errors
    /// There is no such policy.
    pub fn remove_policy(&self, name: &str) -> Result<(), CommandError> {
        let name = name.to_owned();
        self.command_iam(IamCommand::RemovePolicy { name })
    }

    /// Gives a policy to a principal.
    ///
    /// ```
    /// let broker = fauxka::Broker::builder().start_blocking()?;
    /// broker.put_policy("none", r#"{"Statement":[{"Effect":"Deny","Action":"*","Resource":"*"}]}"#)?;
    /// broker.attach_policy("none", "arn:aws:iam::123456789012:role/orders")?;
    /// assert_eq!(broker.policies()[0].principals, ["arn:aws:iam::123456789012:role/orders"]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// There is no such policy, or the principal is no ARN.
    pub fn attach_policy(&self, name: &str, principal: &str) -> Result<(), CommandError> {
        let (name, principal) = (name.to_owned(), principal.to_owned());
        self.command_iam(IamCommand::Attach { name, principal })
    }

    /// Takes a policy from a principal.
    ///
    /// ```
    /// let broker = fauxka::Broker::builder().start_blocking()?;
    /// assert!(broker.detach_policy("none", "arn:aws:iam::123456789012:role/orders").is_err());
    /// # Ok::<(), fauxka::StartError>(())
    /// ```
    ///
    /// # Errors
    /// The principal does not have it.
    pub fn detach_policy(&self, name: &str, principal: &str) -> Result<(), CommandError> {
        let (name, principal) = (name.to_owned(), principal.to_owned());
        self.command_iam(IamCommand::Detach { name, principal })
    }

    fn command_iam(&self, act: IamCommand) -> Result<(), CommandError> {
        Ok(self.started.shared.carry_out(Command::Iam(act))?)
    }
}
