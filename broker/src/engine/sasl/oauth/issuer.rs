//! Tokens that the cluster itself gives out, so that clients with an OAuth provider need no other program.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use p256::ecdsa::signature::Signer as _;
use p256::ecdsa::{Signature, SigningKey};
use serde_json::{Map, Value, json};
use sha2::{Digest as _, Sha256};

use super::Jwks;

/// Who the tokens say that they are from.
pub(crate) const ISSUER: &str = "fauxka";

/// A key of the curve P-256, which follows from the cluster's seed.
#[derive(Debug)]
pub(crate) struct Issuer(SigningKey);

impl Issuer {
    /// That of a cluster with this seed.
    pub(crate) fn of(seed: u64) -> Self {
        // One in 2³² digests is no key of the curve; the next is tried.
        let mut count: u8 = 0;
        loop {
            let digest = Sha256::new()
                .chain_update(b"fauxka issuer")
                .chain_update(seed.to_be_bytes())
                .chain_update([count])
                .finalize();
            if let Ok(key) = SigningKey::from_slice(&digest) {
                return Self(key);
            }
            count = count.wrapping_add(1);
        }
    }

    /// The set of its one key, as everybody may read it (RFC 7517).
    pub(crate) fn jwks(&self) -> Value {
        let point = self.0.verifying_key().to_sec1_point(false);
        let bytes = point.as_bytes();
        let (x, y) = bytes.get(1..).unwrap_or_default().split_at(bytes.len() / 2);
        let part = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
        json!({ "keys": [{
            "kty": "EC",
            "crv": "P-256",
            "use": "sig",
            "alg": "ES256",
            "kid": self.key_id(),
            "x": part(x),
            "y": part(y),
        }]})
    }

    /// The same, to verify with.
    pub(crate) fn keys(&self) -> Jwks {
        Jwks::parse(&self.jwks().to_string()).unwrap_or_default()
    }

    fn key_id(&self) -> String {
        let point = self.0.verifying_key().to_sec1_point(false);
        let digest = Sha256::digest(point.as_bytes());
        URL_SAFE_NO_PAD.encode(digest.get(..9).unwrap_or_default())
    }

    /// A token that claims this.
    pub(crate) fn sign(&self, claims: &Map<String, Value>) -> String {
        let header = json!({ "alg": "ES256", "typ": "JWT", "kid": self.key_id() });
        let part = |text: String| URL_SAFE_NO_PAD.encode(text);
        let claims = Value::Object(claims.clone()).to_string();
        let signed = format!("{}.{}", part(header.to_string()), part(claims));
        let signature: Signature = self.0.sign(signed.as_bytes());
        format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature.to_bytes()))
    }
}
