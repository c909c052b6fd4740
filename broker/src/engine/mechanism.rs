//! SASL mechanisms, and the arithmetic of SCRAM (RFC 5802, RFC 7677).

use std::fmt;
use std::str::FromStr;

use hmac::{Hmac, KeyInit as _, Mac as _};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use sha2::{Digest as _, Sha256, Sha512};

/// A way to prove who one is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Mechanism {
    Plain,
    Scram(Scram),
    /// Tokens: those of an OAuth provider, or AWS's.
    OAuthBearer,
    /// AWS's own, in the form of its library for the JVM.
    AwsMskIam,
}

/// A hash that SCRAM is done with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Scram {
    Sha256,
    Sha512,
}

impl Mechanism {
    /// Those that there are.
    pub(crate) const ALL: [Self; 5] = [
        Self::Plain,
        Self::Scram(Scram::Sha256),
        Self::Scram(Scram::Sha512),
        Self::OAuthBearer,
        Self::AwsMskIam,
    ];
    /// Those that users with passwords log in by.
    pub(crate) const WITH_PASSWORDS: [Self; 3] = [
        Self::Plain,
        Self::Scram(Scram::Sha256),
        Self::Scram(Scram::Sha512),
    ];

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Plain => "PLAIN",
            Self::Scram(Scram::Sha256) => "SCRAM-SHA-256",
            Self::Scram(Scram::Sha512) => "SCRAM-SHA-512",
            Self::OAuthBearer => "OAUTHBEARER",
            Self::AwsMskIam => "AWS_MSK_IAM",
        }
    }
}

impl fmt::Display for Mechanism {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl Serialize for Mechanism {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

impl<'de> Deserialize<'de> for Mechanism {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let name = String::deserialize(deserializer)?;
        name.parse().map_err(serde::de::Error::custom)
    }
}

/// A mechanism that is not offered.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "sasl.enabled.mechanisms: {0} is not offered; PLAIN, SCRAM-SHA-256, SCRAM-SHA-512, OAUTHBEARER and AWS_MSK_IAM are"
)]
pub(crate) struct UnknownMechanism(String);

impl FromStr for Mechanism {
    type Err = UnknownMechanism;

    fn from_str(name: &str) -> Result<Self, UnknownMechanism> {
        let named = |mechanism: &Self| mechanism.name() == name;
        let found = Self::ALL.into_iter().find(named);
        found.ok_or_else(|| UnknownMechanism(name.to_owned()))
    }
}

impl Scram {
    pub(crate) const ALL: [Self; 2] = [Self::Sha256, Self::Sha512];
    /// The fewest iterations that a credential may have.
    pub(crate) const ITERATIONS_MIN: i32 = 4096;
    /// The most.
    pub(crate) const ITERATIONS_MAX: i32 = 16_384;

    /// The mechanism of that number in the requests about credentials.
    pub(crate) fn from_number(number: i8) -> Option<Self> {
        Self::ALL.into_iter().find(|hash| hash.number() == number)
    }

    pub(crate) const fn number(self) -> i8 {
        match self {
            Self::Sha256 => 1,
            Self::Sha512 => 2,
        }
    }

    /// None for an empty key, which Java's HMAC does not take either.
    pub(crate) fn hmac(self, key: &[u8], text: &[u8]) -> Option<Vec<u8>> {
        if key.is_empty() {
            return None;
        }
        match self {
            Self::Sha256 => {
                let mut mac = Hmac::<Sha256>::new_from_slice(key).ok()?;
                mac.update(text);
                Some(mac.finalize().into_bytes().to_vec())
            }
            Self::Sha512 => {
                let mut mac = Hmac::<Sha512>::new_from_slice(key).ok()?;
                mac.update(text);
                Some(mac.finalize().into_bytes().to_vec())
            }
        }
    }

    pub(crate) fn hash(self, text: &[u8]) -> Vec<u8> {
        match self {
            Self::Sha256 => Sha256::digest(text).to_vec(),
            Self::Sha512 => Sha512::digest(text).to_vec(),
        }
    }

    pub(crate) fn salted_password(self, password: &str, salt: &[u8], iterations: u32) -> Vec<u8> {
        let password = password.as_bytes();
        match self {
            Self::Sha256 => {
                pbkdf2::pbkdf2_hmac_array::<Sha256, 32>(password, salt, iterations).to_vec()
            }
            Self::Sha512 => {
                pbkdf2::pbkdf2_hmac_array::<Sha512, 64>(password, salt, iterations).to_vec()
            }
        }
    }
}
