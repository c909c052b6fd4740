//! What clients of MSK log in with, and the cluster of MSK that is meant.

use std::fmt;
use std::str::FromStr;
use std::time::{SystemTime, UNIX_EPOCH};

use crate::engine::msk::Place;
use crate::engine::sasl::aws;
use crate::wire::units::WallMillis;

/// An access key of AWS's: of an IAM user, or of a role's session.
///
/// ```
/// use fauxka::iam::AccessKey;
///
/// let key = AccessKey::new("ASIAEXAMPLE", "secret", "arn:aws:sts::123456789012:assumed-role/orders/session")
///     .session_token("token");
/// assert!(!format!("{key:?}").contains("secret"));
/// ```
#[derive(Clone)]
pub struct AccessKey(aws::AccessKey);

impl AccessKey {
    /// A key of the principal whose ARN this is.
    ///
    /// ```
    /// use fauxka::iam::AccessKey;
    ///
    /// let key = AccessKey::new("AKIAEXAMPLE", "secret", "arn:aws:iam::123456789012:user/alice");
    /// # let _ = key;
    /// ```
    #[must_use]
    pub fn new(id: impl Into<String>, secret: impl Into<String>, arn: impl Into<String>) -> Self {
        Self(aws::AccessKey {
            id: id.into(),
            secret: secret.into(),
            session_token: None,
            expires: None,
            arn: arn.into(),
        })
    }

    /// The token that requests with it must carry, as the keys of a role's session have one.
    ///
    /// ```
    /// use fauxka::iam::AccessKey;
    ///
    /// let role = "arn:aws:sts::123456789012:assumed-role/orders/session";
    /// let key = AccessKey::new("ASIAEXAMPLE", "secret", role).session_token("token");
    /// # let _ = key;
    /// ```
    #[must_use]
    pub fn session_token(mut self, token: impl Into<String>) -> Self {
        self.0.session_token = Some(token.into());
        self
    }

    /// When the key's session is over, by the cluster's clock: nobody logs in with it from then on, and who has is asked to
    /// log in again.
    ///
    /// ```
    /// use std::time::{Duration, SystemTime};
    /// use fauxka::iam::AccessKey;
    ///
    /// let role = "arn:aws:sts::123456789012:assumed-role/orders/session";
    /// let key = AccessKey::new("ASIAEXAMPLE", "secret", role).expires(SystemTime::now() + Duration::from_secs(900));
    /// # let _ = key;
    /// ```
    #[must_use]
    pub fn expires(mut self, at: SystemTime) -> Self {
        let since = at.duration_since(UNIX_EPOCH).unwrap_or_default();
        let millis = i64::try_from(since.as_millis()).unwrap_or(i64::MAX);
        self.0.expires = Some(WallMillis(millis));
        self
    }
}

impl fmt::Debug for AccessKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl From<AccessKey> for aws::AccessKey {
    fn from(key: AccessKey) -> Self {
        key.0
    }
}

/// Which cluster of MSK a cluster stands for. By default it is `fauxka` in `us-east-1`, of the account 123456789012.
///
/// ```
/// use fauxka::iam::Msk;
///
/// let msk = Msk::default().region("eu-central-1").account("210987654321");
/// # let _ = msk;
/// ```
#[derive(Debug, Clone, Default)]
pub struct Msk(pub(super) Place);

impl Msk {
    /// The region, such as `eu-central-1`: what clients sign is for it.
    ///
    /// ```
    /// let msk = fauxka::iam::Msk::default().region("eu-central-1");
    /// # let _ = msk;
    /// ```
    #[must_use]
    pub fn region(mut self, region: impl Into<String>) -> Self {
        self.0.region = region.into();
        self
    }

    /// The account: twelve digits.
    ///
    /// ```
    /// let msk = fauxka::iam::Msk::default().account("210987654321");
    /// # let _ = msk;
    /// ```
    #[must_use]
    pub fn account(mut self, account: impl Into<String>) -> Self {
        self.0.account = account.into();
        self
    }

    /// The cluster's name.
    ///
    /// ```
    /// let msk = fauxka::iam::Msk::default().cluster("orders");
    /// # let _ = msk;
    /// ```
    #[must_use]
    pub fn cluster(mut self, name: impl Into<String>) -> Self {
        self.0.cluster = name.into();
        self
    }

    /// What stands behind the name in the cluster's ARN.
    ///
    /// ```
    /// let msk = fauxka::iam::Msk::default().uuid("11111111-2222-3333-4444-555555555555-7");
    /// # let _ = msk;
    /// ```
    #[must_use]
    pub fn uuid(mut self, uuid: impl Into<String>) -> Self {
        self.0.uuid = uuid.into();
        self
    }

    /// A host by which clients reach brokers, beside those that they are told: AWS_MSK_IAM signs the host.
    ///
    /// ```
    /// let msk = fauxka::iam::Msk::default().host("b-1.orders.abc.c2.kafka.us-east-1.amazonaws.com");
    /// # let _ = msk;
    /// ```
    #[must_use]
    pub fn host(mut self, host: impl Into<String>) -> Self {
        self.0.hosts.push(host.into());
        self
    }
}

impl FromStr for Msk {
    type Err = String;

    /// Reads a cluster's Amazon Resource Name.
    ///
    /// ```
    /// use fauxka::iam::Msk;
    ///
    /// let arn = "arn:aws:kafka:eu-central-1:123456789012:cluster/orders/11111111-2222-3333-4444-555555555555-7";
    /// assert!(arn.parse::<Msk>().is_ok());
    /// assert!("orders".parse::<Msk>().is_err());
    /// ```
    fn from_str(arn: &str) -> Result<Self, String> {
        let parts: Vec<&str> = arn.split(':').collect();
        let read = || {
            let &["arn", _, "kafka", region, account, rest] = parts.as_slice() else {
                return None;
            };
            let (cluster, uuid) = rest.strip_prefix("cluster/")?.split_once('/')?;
            let is_whole = [region, account, cluster, uuid]
                .iter()
                .all(|part| !part.is_empty());
            is_whole.then(|| {
                Self::default()
                    .region(region)
                    .account(account)
                    .cluster(cluster)
                    .uuid(uuid)
            })
        };
        read().ok_or_else(|| {
            format!("{arn:?} is not the ARN of a cluster: arn:aws:kafka:REGION:ACCOUNT:cluster/NAME/UUID")
        })
    }
}
