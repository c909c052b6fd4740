//! Clusters of Amazon MSK: the same ports, ways in and defaults.

use super::Builder;
use crate::embed::error::StartError;
use crate::embed::listeners::Listener;
use crate::engine::sasl::Scram;
use crate::engine::{Mechanism, Protocol};

/// What a profile stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::embed) enum Profile {
    Msk,
    MskServerless,
}

/// The nodes of one listener are so many ports apart, for MSK's own ports are two apart.
const STEP: u16 = 10;

/// What brokers of MSK have where nothing else is said: "Default Amazon MSK configuration" in its Developer Guide, as it was in
/// November 2026, and "Amazon MSK quota" for the listener with IAM.
const MSK: [(&str, &str); 12] = [
    ("auto.create.topics.enable", "false"),
    ("default.replication.factor", "3"),
    ("min.insync.replicas", "2"),
    ("num.io.threads", "8"),
    ("num.network.threads", "5"),
    ("num.partitions", "1"),
    ("num.replica.fetchers", "2"),
    ("replica.lag.time.max.ms", "30000"),
    ("socket.request.max.bytes", "104857600"),
    ("unclean.leader.election.enable", "true"),
    ("listener.name.client_iam.max.connections", "3000"),
    (
        "listener.name.client_iam.max.connection.creation.rate",
        "100",
    ),
];

/// The same of MSK Serverless: "MSK Serverless quota", and "Configuration properties for MSK Serverless clusters". What else it lets
/// nobody do with topics the engine has.
const SERVERLESS: [(&str, &str); 8] = [
    ("default.replication.factor", "3"),
    ("min.insync.replicas", "2"),
    ("num.partitions", "1"),
    ("log.retention.bytes", "268435456000"),
    ("listener.name.client_iam.max.connections", "3000"),
    (
        "listener.name.client_iam.max.connection.creation.rate",
        "100",
    ),
    ("socket.request.max.bytes", "104857600"),
    ("fetch.max.bytes", "57671680"),
];

impl Builder {
    /// Makes the cluster like one of Amazon MSK, by the profile's name:
    ///
    /// - `msk`: three nodes and MSK's ways in, `CLIENT` (plaintext, port 9092), `CLIENT_SECURE` (TLS, 9094),
    ///   `CLIENT_SASL_SCRAM` (SCRAM-SHA-512, 9096) and `CLIENT_IAM` (AWS_MSK_IAM and OAUTHBEARER, 9098), with MSK's defaults for
    ///   brokers. The second and third node are 10 and 20 ports further.
    /// - `msk-serverless`: only `CLIENT_IAM`, and the requests that MSK Serverless offers; of topics it takes the settings and
    ///   the number of partitions that MSK Serverless takes.
    ///
    /// If [`Builder::listen`] names port 0, as it does by default here, all ports are free ones. What you tell the builder
    /// besides is stronger. Needs the feature `tls`.
    ///
    /// ```
    /// use fauxka::Broker;
    ///
    /// # #[cfg(feature = "tls")] {
    /// let broker = Broker::builder().profile("msk")?.start_blocking()?;
    /// assert_eq!(broker.bootstrap_of("CLIENT_IAM").unwrap().split(',').count(), 3);
    /// # }
    /// assert!(Broker::builder().profile("mks").is_err());
    /// # Ok::<(), fauxka::StartError>(())
    /// ```
    ///
    /// # Errors
    /// There is no such profile.
    pub fn profile(mut self, name: &str) -> Result<Self, StartError> {
        let (profile, config) = match name {
            "msk" => (Profile::Msk, MSK.as_slice()),
            "msk-serverless" => (Profile::MskServerless, SERVERLESS.as_slice()),
            other => {
                let why = format!("{other:?} is no profile: there are msk and msk-serverless");
                return Err(StartError::Invalid(why));
            }
        };
        self.nodes = 3;
        self.profile = Some(profile);
        self.msk.get_or_insert_default();
        #[cfg(feature = "tls")]
        self.tls.get_or_insert_default();
        if profile == Profile::MskServerless {
            self.as_version = Some("msk-serverless".to_owned());
        }
        let config = config.iter();
        let config = config.map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        self.file_config.splice(0..0, config);
        Ok(self)
    }
}

impl Profile {
    pub(in crate::embed) fn is_serverless(self) -> bool {
        self == Self::MskServerless
    }

    /// The ways in, at this host; on free ports if they are wanted.
    pub(in crate::embed) fn listeners(self, host: &str, on_free_ports: bool) -> Vec<Listener> {
        let at = |name: &str, protocol, port: u16, mechanisms: &[Mechanism]| Listener {
            listen: format!("{host}:{}", if on_free_ports { 0 } else { port }),
            mechanisms: Some(mechanisms.to_vec()),
            step: STEP,
            ..Listener::new(name, protocol)
        };
        let by_iam = [Mechanism::AwsMskIam, Mechanism::OAuthBearer];
        let iam = at("CLIENT_IAM", Protocol::SaslSsl, 9098, &by_iam);
        let by_scram = [Mechanism::Scram(Scram::Sha512)];
        match self {
            Self::MskServerless => vec![iam],
            Self::Msk => vec![
                at("CLIENT", Protocol::Plaintext, 9092, &[]),
                at("CLIENT_SECURE", Protocol::Ssl, 9094, &[]),
                at("CLIENT_SASL_SCRAM", Protocol::SaslSsl, 9096, &by_scram),
                iam,
            ],
        }
    }
}
