//! Sets of keys (RFC 7517), and signatures by them (RFC 7515, RFC 7518), as jose4j reads and chooses them for Kafka.

use std::ops::RangeInclusive;

use hmac::{Hmac, KeyInit as _, Mac as _};
use rsa::signature::Verifier;
use rsa::{BoxedUint, PublicKey, pkcs1v15, pss};
use serde_json::{Map, Value};
use sha2::{Sha256, Sha384, Sha512};

use super::jose::{lenient_base64, object};

/// How many bits a modulus of RSA may have: jose4j takes none below.
const MODULUS_BITS: RangeInclusive<usize> = 2048..=16_384;

/// What is wrong with a set.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum BadJwks {
    #[error("the JWKS is not a JSON object")]
    Json,
    #[error("The JSON JWKS content does not include the keys member.")]
    Keys,
}

/// Keys, in their order.
#[derive(Debug, Clone, Default)]
pub(crate) struct Jwks {
    keys: Vec<Jwk>,
    /// How many more there were that cannot be read.
    left_out: usize,
}

/// Why a signature is none of a set.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Unverified {
    /// There is no key for it. It has the id that the token names, if it names one.
    NoKey {
        id: Option<String>,
        why: String,
    },
    Other(String),
}

/// One key, with what tells for which signatures it is.
#[derive(Debug, Clone)]
struct Jwk {
    id: Option<String>,
    usage: Option<String>,
    operations: Option<Vec<String>>,
    algorithm: Option<String>,
    thumbprints: [Option<String>; 2],
    material: Material,
}

#[derive(Debug, Clone)]
enum Material {
    Rsa(PublicKey),
    P256(p256::ecdsa::VerifyingKey),
    P384(p384::ecdsa::VerifyingKey),
    P521(p521::ecdsa::VerifyingKey),
    Octets(Vec<u8>),
}

/// How a token says that it is signed.
#[derive(Debug)]
pub(super) struct Header<'a> {
    pub(super) algorithm: &'a str,
    pub(super) key: Option<&'a str>,
    /// Of the certificate, by SHA-1 and SHA-256.
    pub(super) thumbprints: [Option<&'a str>; 2],
}

/// A hash that signatures are made with.
#[derive(Debug, Clone, Copy)]
enum Hash {
    Sha256,
    Sha384,
    Sha512,
}

impl Jwks {
    /// Reads a set. A key that cannot be read is left out, as jose4j does.
    ///
    /// # Errors
    /// It is no set.
    pub(crate) fn parse(text: &str) -> Result<Self, BadJwks> {
        let set = object(text.as_bytes()).ok_or(BadJwks::Json)?;
        let keys = set.get("keys").and_then(Value::as_array);
        let said = keys.ok_or(BadJwks::Keys)?;
        let keys: Vec<_> = said.iter().filter_map(Jwk::read).collect();
        let left_out = said.len().saturating_sub(keys.len());
        Ok(Self { keys, left_out })
    }

    /// How many keys there are, and how many more that cannot be read.
    pub(crate) const fn counts(&self) -> (usize, usize) {
        (self.keys.len(), self.left_out)
    }

    /// The ids of the keys that have one.
    pub(super) fn ids(&self) -> impl Iterator<Item = &str> {
        self.keys.iter().filter_map(|key| key.id.as_deref())
    }

    /// Adds the keys of another set.
    pub(crate) fn extend(&mut self, other: &Self) {
        self.keys.extend(other.keys.iter().cloned());
    }

    /// Whether a signature is one of these keys'.
    ///
    /// # Errors
    /// Why it is not.
    pub(super) fn verify(
        &self,
        header: &Header<'_>,
        signed: &[u8],
        signature: &[u8],
    ) -> Result<(), Unverified> {
        let algorithm = header.algorithm;
        let other = |why: String| Unverified::Other(why);
        let kind = kind(algorithm).ok_or_else(|| {
            other(format!(
                "{algorithm:?} is not an algorithm that this program verifies"
            ))
        })?;
        let chosen = self.choose(header, kind);
        let key = chosen.ok_or_else(|| {
            let named = header.key.map(|id| format!(": no key has the id {id:?}"));
            let named = named.unwrap_or_default();
            Unverified::NoKey {
                id: header.key.map(str::to_owned),
                why: format!("Unable to find a suitable verification key for {algorithm}{named}"),
            }
        })?;
        let verified = key.material.verify(algorithm, signed, signature);
        let verified = verified.ok_or_else(|| {
            other(format!(
                "the key that it names is not one for {algorithm}, or is too short"
            ))
        })?;
        if verified {
            Ok(())
        } else {
            Err(other("JWT rejected due to invalid signature.".to_owned()))
        }
    }

    /// The first that fits; what more narrowly fits is looked at only while there are several.
    fn choose(&self, header: &Header<'_>, kind: &str) -> Option<&Jwk> {
        let mut fitting: Vec<_> = self
            .keys
            .iter()
            .filter(|key| key.fits(header, kind))
            .collect();
        if fitting.len() > 1 {
            fitting.retain(|key| is_or_omitted(key.algorithm.as_deref(), header.algorithm));
        }
        if fitting.len() > 1 && kind == "EC" {
            fitting.retain(|key| key.material.curve_fits(header.algorithm));
        }
        fitting.first().copied()
    }
}

fn is_or_omitted(value: Option<&str>, wanted: &str) -> bool {
    value.is_none_or(|value| value == wanted)
}

/// Of what kind keys of an algorithm are.
fn kind(algorithm: &str) -> Option<&'static str> {
    match algorithm {
        "HS256" | "HS384" | "HS512" => Some("oct"),
        "RS256" | "RS384" | "RS512" | "PS256" | "PS384" | "PS512" => Some("RSA"),
        "ES256" | "ES384" | "ES512" => Some("EC"),
        _ => None,
    }
}

impl Jwk {
    fn read(value: &Value) -> Option<Self> {
        let members = value.as_object()?;
        let text = |name: &str| members.get(name).and_then(Value::as_str);
        let owned = |name: &str| text(name).map(str::to_owned);
        let operations = members.get("key_ops").and_then(Value::as_array);
        let operations = operations.map(|all| {
            let all = all.iter().filter_map(Value::as_str);
            all.map(str::to_owned).collect()
        });
        Some(Self {
            id: owned("kid"),
            usage: owned("use"),
            operations,
            algorithm: owned("alg"),
            thumbprints: [owned("x5t"), owned("x5t#S256")],
            material: Material::read(text("kty")?, members)?,
        })
    }

    fn fits(&self, header: &Header<'_>, kind: &str) -> bool {
        let operates = |all: &Vec<String>| all.iter().any(|operation| operation == "verify");
        let mut thumbprints = self.thumbprints.iter().zip(header.thumbprints);
        self.material.kind() == kind
            && header.key.is_none_or(|id| self.id.as_deref() == Some(id))
            && is_or_omitted(self.usage.as_deref(), "sig")
            && self.operations.as_ref().is_none_or(operates)
            && thumbprints.all(|(known, wanted)| {
                wanted.is_none_or(|wanted| is_or_omitted(known.as_deref(), wanted))
            })
    }
}

impl Material {
    fn read(kind: &str, members: &Map<String, Value>) -> Option<Self> {
        let bytes = |name: &str| Some(lenient_base64(members.get(name)?.as_str()?));
        match kind {
            "RSA" => {
                let n = BoxedUint::from_be_slice_vartime(&bytes("n")?);
                let e = BoxedUint::from_be_slice_vartime(&bytes("e")?);
                let key = PublicKey::new_with_size_limits(n, e, MODULUS_BITS);
                key.ok().map(Self::Rsa)
            }
            "EC" => {
                let curve = members.get("crv")?.as_str()?;
                let size = match curve {
                    "P-256" => 32,
                    "P-384" => 48,
                    "P-521" => 66,
                    _ => return None,
                };
                let point = [
                    &[4][..],
                    &sized(&bytes("x")?, size)?,
                    &sized(&bytes("y")?, size)?,
                ];
                let point = point.concat();
                match size {
                    32 => {
                        let key = p256::ecdsa::VerifyingKey::from_sec1_bytes(&point);
                        key.ok().map(Self::P256)
                    }
                    48 => {
                        let key = p384::ecdsa::VerifyingKey::from_sec1_bytes(&point);
                        key.ok().map(Self::P384)
                    }
                    _ => {
                        let key = p521::ecdsa::VerifyingKey::from_sec1_bytes(&point);
                        key.ok().map(Self::P521)
                    }
                }
            }
            "oct" => bytes("k").map(Self::Octets),
            _ => None,
        }
    }

    const fn kind(&self) -> &'static str {
        match self {
            Self::Rsa(_) => "RSA",
            Self::P256(_) | Self::P384(_) | Self::P521(_) => "EC",
            Self::Octets(_) => "oct",
        }
    }

    fn curve_fits(&self, algorithm: &str) -> bool {
        match self {
            Self::P256(_) => algorithm == "ES256",
            Self::P384(_) => algorithm == "ES384",
            Self::P521(_) => algorithm == "ES512",
            Self::Rsa(_) | Self::Octets(_) => true,
        }
    }

    /// Whether a signature is this key's; none if the key is not for the algorithm.
    fn verify(&self, algorithm: &str, signed: &[u8], signature: &[u8]) -> Option<bool> {
        match self {
            Self::Rsa(key) => Some(rsa_signed(key, algorithm, signed, signature)),
            Self::P256(key) => self.curve_fits(algorithm).then(|| {
                let signature = p256::ecdsa::Signature::from_slice(signature);
                signature.is_ok_and(|signature| key.verify(signed, &signature).is_ok())
            }),
            Self::P384(key) => self.curve_fits(algorithm).then(|| {
                let signature = p384::ecdsa::Signature::from_slice(signature);
                signature.is_ok_and(|signature| key.verify(signed, &signature).is_ok())
            }),
            Self::P521(key) => self.curve_fits(algorithm).then(|| {
                let signature = p521::ecdsa::Signature::from_slice(signature);
                signature.is_ok_and(|signature| key.verify(signed, &signature).is_ok())
            }),
            Self::Octets(key) => hmac_signed(key, hash(algorithm), signed, signature),
        }
    }
}

fn hash(algorithm: &str) -> Hash {
    if algorithm.ends_with("256") {
        Hash::Sha256
    } else if algorithm.ends_with("384") {
        Hash::Sha384
    } else {
        Hash::Sha512
    }
}

/// A number in so many bytes; none if it is larger.
fn sized(bytes: &[u8], size: usize) -> Option<Vec<u8>> {
    let zeros = bytes.iter().take_while(|byte| **byte == 0).count();
    let number = bytes.get(zeros..)?;
    let mut out = vec![0; size.checked_sub(number.len())?];
    out.extend_from_slice(number);
    Some(out)
}

fn rsa_signed(key: &PublicKey, algorithm: &str, signed: &[u8], signature: &[u8]) -> bool {
    if algorithm.starts_with("RS") {
        let Ok(signature) = pkcs1v15::Signature::try_from(signature) else {
            return false;
        };
        let key = key.clone();
        match hash(algorithm) {
            Hash::Sha256 => pkcs1v15::VerifyingKey::<Sha256>::new(key).verify(signed, &signature),
            Hash::Sha384 => pkcs1v15::VerifyingKey::<Sha384>::new(key).verify(signed, &signature),
            Hash::Sha512 => pkcs1v15::VerifyingKey::<Sha512>::new(key).verify(signed, &signature),
        }
        .is_ok()
    } else {
        let Ok(signature) = pss::Signature::try_from(signature) else {
            return false;
        };
        let key = key.clone();
        match hash(algorithm) {
            Hash::Sha256 => pss::VerifyingKey::<Sha256>::new(key).verify(signed, &signature),
            Hash::Sha384 => pss::VerifyingKey::<Sha384>::new(key).verify(signed, &signature),
            Hash::Sha512 => pss::VerifyingKey::<Sha512>::new(key).verify(signed, &signature),
        }
        .is_ok()
    }
}

/// None for a key that is shorter than the hash, which jose4j does not take.
fn hmac_signed(key: &[u8], hash: Hash, signed: &[u8], signature: &[u8]) -> Option<bool> {
    let least = match hash {
        Hash::Sha256 => 32,
        Hash::Sha384 => 48,
        Hash::Sha512 => 64,
    };
    if key.len() < least {
        return None;
    }
    Some(match hash {
        Hash::Sha256 => {
            let mut mac = Hmac::<Sha256>::new_from_slice(key).ok()?;
            mac.update(signed);
            mac.verify_slice(signature).is_ok()
        }
        Hash::Sha384 => {
            let mut mac = Hmac::<Sha384>::new_from_slice(key).ok()?;
            mac.update(signed);
            mac.verify_slice(signature).is_ok()
        }
        Hash::Sha512 => {
            let mut mac = Hmac::<Sha512>::new_from_slice(key).ok()?;
            mac.update(signed);
            mac.verify_slice(signature).is_ok()
        }
    })
}
