//! Which cluster of MSK this one stands for.

use serde::{Deserialize, Serialize};

/// Where the cluster would be in AWS, and what it would be called there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Place {
    /// Such as `eu-central-1`.
    pub(crate) region: String,
    /// Twelve digits.
    pub(crate) account: String,
    /// The cluster's name.
    pub(crate) cluster: String,
    /// What tells it from clusters that had its name before.
    pub(crate) uuid: String,
    /// By which hosts clients reach brokers besides those that they are told.
    pub(crate) hosts: Vec<String>,
    /// The cluster is one of MSK Serverless.
    pub(crate) serverless: bool,
}

impl Default for Place {
    fn default() -> Self {
        Self {
            region: "us-east-1".to_owned(),
            account: "123456789012".to_owned(),
            cluster: "fauxka".to_owned(),
            uuid: "00000000-0000-4000-8000-000000000000-1".to_owned(),
            hosts: Vec::new(),
            serverless: false,
        }
    }
}

impl Place {
    /// The part of AWS that the region belongs to.
    pub(crate) fn partition(&self) -> &'static str {
        if self.region.starts_with("cn-") {
            "aws-cn"
        } else if self.region.starts_with("us-gov-") {
            "aws-us-gov"
        } else {
            "aws"
        }
    }

    /// Where signers believe the service, which they sign for instead of a broker.
    pub(crate) fn service_host(&self) -> String {
        format!("kafka.{}.amazonaws.com", self.region)
    }

    /// The cluster's Amazon Resource Name.
    pub(crate) fn cluster_arn(&self) -> String {
        self.arn("cluster", None)
    }

    /// The name of something of the cluster's: a `topic`, a `group`, a `transactional-id`.
    pub(crate) fn arn(&self, kind: &str, name: Option<&str>) -> String {
        let Self {
            region,
            account,
            cluster,
            uuid,
            hosts: _,
            serverless: _,
        } = self;
        let partition = self.partition();
        let arn = format!("arn:{partition}:kafka:{region}:{account}:{kind}/{cluster}/{uuid}");
        match name {
            Some(name) => format!("{arn}/{name}"),
            None => arn,
        }
    }
}
