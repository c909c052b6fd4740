//! Log-ins with AWS's credentials.

use super::Builder;
use crate::embed::credentials::{AccessKey, Msk};
use crate::engine::authorizer::policy::KeptPolicy;
use crate::engine::origin::Located;

impl Builder {
    /// Adds an access key with which clients log in as they do to MSK: by the mechanism AWS_MSK_IAM, or by OAUTHBEARER with
    /// the tokens of AWS's signers. What they sign is verified. Without [listeners](Builder::listener) of your own the only
    /// one is SASL_PLAINTEXT, or SASL_SSL with TLS.
    ///
    /// ```
    /// use fauxka::iam::AccessKey;
    ///
    /// let key = AccessKey::new("AKIAEXAMPLE", "secret", "arn:aws:iam::123456789012:user/alice");
    /// let broker = fauxka::Broker::builder().access_key(key).start_blocking()?;
    /// assert_eq!(broker.access_keys()[0].id, "AKIAEXAMPLE");
    /// # Ok::<(), fauxka::StartError>(())
    /// ```
    pub fn access_key(mut self, key: AccessKey) -> Self {
        self.origin.access_keys.push(Located {
            what: key.into(),
            place: None,
        });
        self
    }

    /// Says which cluster of MSK this one stands for: its region, in which clients have to sign, and its Amazon Resource
    /// Name, which policies name.
    ///
    /// ```
    /// use fauxka::iam::Msk;
    ///
    /// let msk = Msk::default().region("eu-central-1").cluster("orders");
    /// let broker = fauxka::Broker::builder().msk(msk).start_blocking()?;
    /// assert!(broker.cluster_arn().starts_with("arn:aws:kafka:eu-central-1:123456789012:cluster/orders/"));
    /// # Ok::<(), fauxka::StartError>(())
    /// ```
    pub fn msk(mut self, cluster: Msk) -> Self {
        self.msk = Some(cluster.0);
        self
    }

    /// Adds a policy in IAM's JSON, and attaches it to principals: ARNs of users, roles or roles' sessions. As soon as
    /// there is a policy, principals of IAM may do what policies allow, and nothing else; all others may do what they could.
    ///
    /// ```
    /// let policy = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"kafka-cluster:*","Resource":"*"}]}"#;
    /// let alice = "arn:aws:iam::123456789012:user/alice";
    /// let broker = fauxka::Broker::builder().policy("everything", policy, [alice]).start_blocking()?;
    /// assert_eq!(broker.policies()[0].principals, [alice]);
    /// # Ok::<(), fauxka::StartError>(())
    /// ```
    pub fn policy(
        mut self,
        name: impl Into<String>,
        document: impl Into<String>,
        principals: impl IntoIterator<Item = impl Into<String>>,
    ) -> Self {
        self.origin.policies.push(Located {
            what: KeptPolicy {
                name: name.into(),
                document: document.into(),
                principals: principals.into_iter().map(Into::into).collect(),
            },
            place: None,
        });
        self
    }
}
