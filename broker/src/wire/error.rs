//! Kafka's error codes by name.

use std::fmt;
use std::str::FromStr;

use super::names::nearest;

macro_rules! codes {
    ($($name:ident = $code:literal),* $(,)?) => {
        /// What an answer says went wrong, as Kafka names and numbers it.
        ///
        /// ```
        /// use fauxka::ErrorCode;
        ///
        /// assert_eq!("NOT_COORDINATOR".parse(), Ok(ErrorCode::NotCoordinator));
        /// assert_eq!("16".parse(), Ok(ErrorCode::NotCoordinator));
        /// ```
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        #[expect(missing_docs, reason = "the names are Kafka's")]
        pub enum ErrorCode {
            $($name = $code),*
        }

        impl ErrorCode {
            /// Every code.
            ///
            /// ```
            /// assert!(fauxka::ErrorCode::ALL.contains(&fauxka::ErrorCode::NotCoordinator));
            /// ```
            pub const ALL: &'static [Self] = &[$(Self::$name),*];
        }
    };
}

impl ErrorCode {
    /// The code of a number; what Kafka does not know is an unknown error.
    pub(crate) fn of(code: i16) -> Self {
        let mut all = Self::ALL.iter().copied();
        all.find(|known| known.code() == code)
            .unwrap_or(Self::UnknownServerError)
    }

    /// The number on the wire.
    ///
    /// ```
    /// assert_eq!(fauxka::ErrorCode::NotCoordinator.code(), 16);
    /// ```
    #[must_use]
    pub const fn code(self) -> i16 {
        self as i16
    }

    /// Kafka's name, such as `NOT_LEADER_OR_FOLLOWER`.
    ///
    /// ```
    /// assert_eq!(fauxka::ErrorCode::NotCoordinator.name(), "NOT_COORDINATOR");
    /// ```
    #[must_use]
    pub fn name(self) -> String {
        let mut name = String::new();
        for letter in format!("{self:?}").chars() {
            if letter.is_ascii_uppercase() && !name.is_empty() {
                name.push('_');
            }
            name.push(letter.to_ascii_uppercase());
        }
        name
    }
}

impl ErrorCode {
    /// What it says when nobody says more.
    pub(crate) fn text(self) -> Option<&'static str> {
        let start = format!("{} ", self.code());
        let line = TEXTS.lines().find(|line| line.starts_with(&start))?;
        line.split_once(": ").map(|(_, text)| text)
    }
}

/// Recorded from Kafka.
const TEXTS: &str = include_str!("error_texts.txt");

impl fmt::Display for ErrorCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name())
    }
}

/// A name or number that no error has; from `"…".parse::<ErrorCode>()`.
///
/// ```
/// let error = "NOT_COORDINATER".parse::<fauxka::ErrorCode>().unwrap_err();
/// assert!(error.to_string().ends_with("did you mean NOT_COORDINATOR?"));
/// ```
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{written:?} is not an error of Kafka's: did you mean {nearest}?")]
pub struct UnknownErrorCode {
    written: String,
    nearest: String,
}

impl FromStr for ErrorCode {
    type Err = UnknownErrorCode;

    /// Takes Kafka's name in any case, or the number.
    fn from_str(text: &str) -> Result<Self, UnknownErrorCode> {
        let name = text.to_ascii_uppercase().replace('-', "_");
        let number = text.parse::<i16>().ok();
        let mut all = Self::ALL.iter();
        let found = all.find(|code| number == Some(code.code()) || code.name() == name);
        found.copied().ok_or_else(|| {
            let names: Vec<_> = Self::ALL.iter().map(|code| code.name()).collect();
            let nearest = nearest(&name, names.iter().map(String::as_str));
            UnknownErrorCode {
                written: text.to_owned(),
                nearest: nearest.unwrap_or_default().to_owned(),
            }
        })
    }
}

codes! {
    UnknownServerError = -1,
    None = 0,
    OffsetOutOfRange = 1,
    CorruptMessage = 2,
    UnknownTopicOrPartition = 3,
    InvalidFetchSize = 4,
    LeaderNotAvailable = 5,
    NotLeaderOrFollower = 6,
    RequestTimedOut = 7,
    BrokerNotAvailable = 8,
    ReplicaNotAvailable = 9,
    MessageTooLarge = 10,
    StaleControllerEpoch = 11,
    OffsetMetadataTooLarge = 12,
    NetworkException = 13,
    CoordinatorLoadInProgress = 14,
    CoordinatorNotAvailable = 15,
    NotCoordinator = 16,
    InvalidTopicException = 17,
    RecordListTooLarge = 18,
    NotEnoughReplicas = 19,
    NotEnoughReplicasAfterAppend = 20,
    InvalidRequiredAcks = 21,
    IllegalGeneration = 22,
    InconsistentGroupProtocol = 23,
    InvalidGroupId = 24,
    UnknownMemberId = 25,
    InvalidSessionTimeout = 26,
    RebalanceInProgress = 27,
    InvalidCommitOffsetSize = 28,
    TopicAuthorizationFailed = 29,
    GroupAuthorizationFailed = 30,
    ClusterAuthorizationFailed = 31,
    InvalidTimestamp = 32,
    UnsupportedSaslMechanism = 33,
    IllegalSaslState = 34,
    UnsupportedVersion = 35,
    TopicAlreadyExists = 36,
    InvalidPartitions = 37,
    InvalidReplicationFactor = 38,
    InvalidReplicaAssignment = 39,
    InvalidConfig = 40,
    NotController = 41,
    InvalidRequest = 42,
    UnsupportedForMessageFormat = 43,
    PolicyViolation = 44,
    OutOfOrderSequenceNumber = 45,
    DuplicateSequenceNumber = 46,
    InvalidProducerEpoch = 47,
    InvalidTxnState = 48,
    InvalidProducerIdMapping = 49,
    InvalidTransactionTimeout = 50,
    ConcurrentTransactions = 51,
    TransactionCoordinatorFenced = 52,
    TransactionalIdAuthorizationFailed = 53,
    SecurityDisabled = 54,
    OperationNotAttempted = 55,
    KafkaStorageError = 56,
    LogDirNotFound = 57,
    SaslAuthenticationFailed = 58,
    UnknownProducerId = 59,
    ReassignmentInProgress = 60,
    DelegationTokenAuthDisabled = 61,
    DelegationTokenNotFound = 62,
    DelegationTokenOwnerMismatch = 63,
    DelegationTokenRequestNotAllowed = 64,
    DelegationTokenAuthorizationFailed = 65,
    DelegationTokenExpired = 66,
    InvalidPrincipalType = 67,
    NonEmptyGroup = 68,
    GroupIdNotFound = 69,
    FetchSessionIdNotFound = 70,
    InvalidFetchSessionEpoch = 71,
    ListenerNotFound = 72,
    TopicDeletionDisabled = 73,
    FencedLeaderEpoch = 74,
    UnknownLeaderEpoch = 75,
    UnsupportedCompressionType = 76,
    StaleBrokerEpoch = 77,
    OffsetNotAvailable = 78,
    MemberIdRequired = 79,
    PreferredLeaderNotAvailable = 80,
    GroupMaxSizeReached = 81,
    FencedInstanceId = 82,
    EligibleLeadersNotAvailable = 83,
    ElectionNotNeeded = 84,
    NoReassignmentInProgress = 85,
    GroupSubscribedToTopic = 86,
    InvalidRecord = 87,
    UnstableOffsetCommit = 88,
    ThrottlingQuotaExceeded = 89,
    ProducerFenced = 90,
    ResourceNotFound = 91,
    DuplicateResource = 92,
    UnacceptableCredential = 93,
    InconsistentVoterSet = 94,
    InvalidUpdateVersion = 95,
    FeatureUpdateFailed = 96,
    PrincipalDeserializationFailure = 97,
    SnapshotNotFound = 98,
    PositionOutOfRange = 99,
    UnknownTopicId = 100,
    DuplicateBrokerRegistration = 101,
    BrokerIdNotRegistered = 102,
    InconsistentTopicId = 103,
    InconsistentClusterId = 104,
    TransactionalIdNotFound = 105,
    FetchSessionTopicIdError = 106,
    IneligibleReplica = 107,
    NewLeaderElected = 108,
    OffsetMovedToTieredStorage = 109,
    FencedMemberEpoch = 110,
    UnreleasedInstanceId = 111,
    UnsupportedAssignor = 112,
    StaleMemberEpoch = 113,
    MismatchedEndpointType = 114,
    UnsupportedEndpointType = 115,
    UnknownControllerId = 116,
    UnknownSubscriptionId = 117,
    TelemetryTooLarge = 118,
    InvalidRegistration = 119,
    TransactionAbortable = 120,
    InvalidRecordState = 121,
    ShareSessionNotFound = 122,
    InvalidShareSessionEpoch = 123,
    FencedStateEpoch = 124,
    InvalidVoterKey = 125,
    DuplicateVoter = 126,
    VoterNotFound = 127,
    InvalidRegularExpression = 128,
    RebootstrapRequired = 129,
    StreamsInvalidTopology = 130,
    StreamsInvalidTopologyEpoch = 131,
    StreamsTopologyFenced = 132,
    ShareSessionLimitReached = 133,
    GroupDeletionFailed = 134,
    StreamsTopologyDescriptionUpdateFailed = 135,
    ControllerIdNotRegistered = 136,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_have_kafkas_names() {
        for code in ErrorCode::ALL {
            assert_eq!(code.name().parse(), Ok(*code));
            assert_eq!(code.code().to_string().parse(), Ok(*code));
        }
        assert_eq!(
            ErrorCode::NotLeaderOrFollower.name(),
            "NOT_LEADER_OR_FOLLOWER"
        );
        let error = "NOT_LEADER".parse::<ErrorCode>().unwrap_err().to_string();
        assert!(
            error.contains("NOT_CONTROLLER?") || error.contains("NOT_LEADER"),
            "{error}"
        );
    }
}
