//! Kafka's words for what ACLs are about, with the numbers that requests have for them.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A word that Kafka does not have.
///
/// ```
/// use fauxka::acl::{Operation, UnknownWord};
///
/// let why: UnknownWord = "Raed".parse::<Operation>().unwrap_err();
/// assert!(why.to_string().starts_with("Raed is no operation: it is one of All, Read, Write"), "{why}");
/// ```
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{word} is no {what}: it is one of {}", known.join(", "))]
pub struct UnknownWord {
    word: String,
    what: &'static str,
    known: Vec<&'static str>,
}

/// Numbers, names and reading of a list of words.
macro_rules! words {
    ($name:ident, $what:literal, $($variant:ident = $number:literal),+ $(,)?) => {
        impl $name {
            /// All of them, in Kafka's order.
            pub(crate) const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The number in requests.
            pub(crate) const fn number(self) -> i8 {
                match self {
                    $(Self::$variant => $number),+
                }
            }

            /// What a number in requests stands for.
            pub(crate) const fn from_number(number: i8) -> Option<Self> {
                match number {
                    $($number => Some(Self::$variant),)+
                    _ => None,
                }
            }

            /// The name as Kafka's tools print it.
            pub(crate) const fn name(self) -> &'static str {
                match self {
                    $(Self::$variant => stringify!($variant)),+
                }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(self.name())
            }
        }

        /// In any case, with or without underscores: `DescribeConfigs` as well as `DESCRIBE_CONFIGS`.
        impl FromStr for $name {
            type Err = UnknownWord;

            fn from_str(word: &str) -> Result<Self, UnknownWord> {
                let plain = word.replace(['_', '-'], "");
                let mut all = Self::ALL.iter().copied();
                let found = all.find(|known| known.name().eq_ignore_ascii_case(&plain));
                found.ok_or_else(|| UnknownWord {
                    word: word.to_owned(),
                    what: $what,
                    known: Self::ALL.iter().map(|known| known.name()).collect(),
                })
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
                to.serialize_str(self.name())
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
                let word = std::borrow::Cow::<'de, str>::deserialize(from)?;
                word.parse().map_err(serde::de::Error::custom)
            }
        }
    };
}

/// What an ACL is about.
///
/// ```
/// use fauxka::acl::ResourceType;
///
/// assert_eq!("TRANSACTIONAL_ID".parse(), Ok(ResourceType::TransactionalId));
/// assert_eq!(ResourceType::TransactionalId.to_string(), "TransactionalId");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "control", derive(utoipa::ToSchema))]
#[non_exhaustive]
pub enum ResourceType {
    /// Topics, by name.
    Topic,
    /// Groups of any kind, by group id.
    Group,
    /// The cluster, whose only name is `kafka-cluster`.
    Cluster,
    /// Transactional ids.
    TransactionalId,
    /// Delegation tokens, by token id.
    DelegationToken,
    /// Users, by principal, such as `User:alice`.
    User,
}

words!(
    ResourceType,
    "resource type",
    Topic = 2,
    Group = 3,
    Cluster = 4,
    TransactionalId = 5,
    DelegationToken = 6,
    User = 7,
);

/// Which names an ACL is about.
///
/// ```
/// use fauxka::acl::PatternType;
///
/// assert_eq!("prefixed".parse(), Ok(PatternType::Prefixed));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "control", derive(utoipa::ToSchema))]
#[non_exhaustive]
pub enum PatternType {
    /// That name alone; `*` stands for all names.
    Literal,
    /// All names that begin with it.
    Prefixed,
}

words!(PatternType, "pattern type", Literal = 3, Prefixed = 4);

/// What an ACL allows or denies.
///
/// ```
/// use fauxka::acl::Operation;
///
/// assert_eq!("DESCRIBE_CONFIGS".parse(), Ok(Operation::DescribeConfigs));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "control", derive(utoipa::ToSchema))]
#[non_exhaustive]
pub enum Operation {
    /// Every operation.
    All,
    /// Fetching a topic's records; being a member of a group, and committing for it.
    Read,
    /// Writing records; using a transactional id.
    Write,
    /// Making topics.
    Create,
    /// Deleting topics, records, groups or committed offsets.
    Delete,
    /// Changing what is neither a setting nor content: partitions, ACLs, reassignments.
    Alter,
    /// Seeing that something is there, and what it looks like. Read, write, delete and alter imply it where they are allowed.
    Describe,
    /// What only brokers ask of each other.
    ClusterAction,
    /// Reading settings. Alter-configs implies it where it is allowed.
    DescribeConfigs,
    /// Changing settings.
    AlterConfigs,
    /// Writing idempotently; whoever may write to any topic may do that.
    IdempotentWrite,
    /// Making delegation tokens for somebody else.
    CreateTokens,
    /// Seeing somebody else's delegation tokens.
    DescribeTokens,
    /// Preparing transactions that a coordinator elsewhere ends (KIP-939).
    TwoPhaseCommit,
}

words!(
    Operation,
    "operation",
    All = 2,
    Read = 3,
    Write = 4,
    Create = 5,
    Delete = 6,
    Alter = 7,
    Describe = 8,
    ClusterAction = 9,
    DescribeConfigs = 10,
    AlterConfigs = 11,
    IdempotentWrite = 12,
    CreateTokens = 13,
    DescribeTokens = 14,
    TwoPhaseCommit = 15,
);

impl Operation {
    /// The name of Kafka's constant, such as `CLUSTER_ACTION`.
    pub(crate) fn constant(self) -> String {
        let mut constant = String::new();
        for c in self.name().chars() {
            if c.is_ascii_uppercase() && !constant.is_empty() {
                constant.push('_');
            }
            constant.push(c.to_ascii_uppercase());
        }
        constant
    }
}

/// Whether an ACL allows or denies.
///
/// ```
/// use fauxka::acl::Permission;
///
/// assert_eq!("deny".parse(), Ok(Permission::Deny));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "control", derive(utoipa::ToSchema))]
#[non_exhaustive]
pub enum Permission {
    /// It denies, whatever else allows.
    Deny,
    /// It allows, unless something denies.
    Allow,
}

words!(Permission, "permission", Deny = 2, Allow = 3);
