//! AWS's Signature Version 4: what is signed of a request, and the signature.

use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::{Digest as _, Sha256};

/// The one algorithm of this version.
pub(crate) const ALGORITHM: &str = "AWS4-HMAC-SHA256";
/// What ends each scope.
const TERMINATOR: &str = "aws4_request";
/// The hash of a request without a body.
pub(crate) const NO_BODY: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

/// What a key that was derived from a secret is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Scope<'a> {
    /// Eight digits.
    pub(crate) date: &'a str,
    pub(crate) region: &'a str,
    pub(crate) service: &'a str,
}

/// A credential as a request has it: the id of a key, and a scope.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Credential<'a> {
    pub(crate) key: &'a str,
    pub(crate) scope: Scope<'a>,
}

impl<'a> Credential<'a> {
    /// Reads `KEY/DATE/REGION/SERVICE/aws4_request`.
    pub(crate) fn parse(text: &'a str) -> Option<Self> {
        let parts: Vec<&str> = text.split('/').collect();
        let &[key, date, region, service, TERMINATOR] = parts.as_slice() else {
            return None;
        };
        let is_said = [key, date, region, service]
            .iter()
            .all(|part| !part.is_empty());
        let scope = Scope {
            date,
            region,
            service,
        };
        is_said.then_some(Self { key, scope })
    }
}

/// A request in the form in which it is signed.
#[derive(Debug)]
pub(crate) struct Canonical<'a> {
    pub(crate) method: &'a str,
    /// As it stands in the URL.
    pub(crate) path: &'a str,
    /// Names and values, decoded, in any order.
    pub(crate) query: &'a [(&'a str, &'a str)],
    /// Names in small letters and values, by name.
    pub(crate) headers: &'a [(&'a str, &'a str)],
    /// Of the body, in hex.
    pub(crate) body_sha256: &'a str,
}

impl Canonical<'_> {
    fn text(&self) -> String {
        let query = self.query.iter();
        let mut query: Vec<_> = query
            .map(|(name, value)| (encoded(name), encoded(value)))
            .collect();
        query.sort();
        let query: Vec<_> = query
            .iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        let headers = self.headers.iter();
        let headers: String = headers
            .map(|(name, value)| format!("{name}:{}\n", value.trim()))
            .collect();
        let names: Vec<_> = self.headers.iter().map(|(name, _)| *name).collect();
        let path = if self.path.is_empty() { "/" } else { self.path };
        format!(
            "{}\n{path}\n{}\n{headers}\n{}\n{}",
            self.method,
            query.join("&"),
            names.join(";"),
            self.body_sha256
        )
    }

    /// The signature of the request by a secret, at a moment such as `20261130T041242Z`, in hex.
    pub(crate) fn signature(&self, secret: &str, scope: &Scope<'_>, moment: &str) -> String {
        let Scope {
            date,
            region,
            service,
        } = scope;
        let request = hex(&Sha256::digest(self.text()));
        let signed =
            format!("{ALGORITHM}\n{moment}\n{date}/{region}/{service}/{TERMINATOR}\n{request}");
        let mut key = format!("AWS4{secret}").into_bytes();
        for part in [date, region, service, TERMINATOR] {
            key = hmac(&key, part);
        }
        hex(&hmac(&key, &signed))
    }
}

/// A key may have any length, so there always is one.
fn hmac(key: &[u8], text: &str) -> Vec<u8> {
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(key) else {
        return Vec::new();
    };
    mac.update(text.as_bytes());
    mac.finalize().into_bytes().to_vec()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Percent-encoded as AWS does it: all but letters, digits and `-._~`.
fn encoded(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    out
}

/// What a percent-encoded text says; none if it is not one. A plus stays a plus.
pub(crate) fn decoded(text: &str) -> Option<String> {
    let mut bytes = text.bytes();
    let mut out = Vec::with_capacity(text.len());
    while let Some(byte) = bytes.next() {
        if byte != b'%' {
            out.push(byte);
            continue;
        }
        let mut digit = || char::from(bytes.next()?).to_digit(16);
        let (high, low) = (digit()?, digit()?);
        out.push(u8::try_from(high * 16 + low).ok()?);
    }
    String::from_utf8(out).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of AWS's documentation, a presigned GET of S3: its body is not signed.
    #[test]
    fn the_documented_example_has_its_signature() {
        let canonical = Canonical {
            method: "GET",
            path: "/test.txt",
            query: &[
                ("X-Amz-Algorithm", ALGORITHM),
                (
                    "X-Amz-Credential",
                    "AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request",
                ),
                ("X-Amz-Date", "20130524T000000Z"),
                ("X-Amz-Expires", "86400"),
                ("X-Amz-SignedHeaders", "host"),
            ],
            headers: &[("host", "examplebucket.s3.amazonaws.com")],
            body_sha256: "UNSIGNED-PAYLOAD",
        };
        let scope = Scope {
            date: "20130524",
            region: "us-east-1",
            service: "s3",
        };
        let secret = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";
        assert_eq!(
            canonical.signature(secret, &scope, "20130524T000000Z"),
            "aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404"
        );
    }

    #[test]
    fn credentials_have_five_parts() {
        let scope = Scope {
            date: "20261130",
            region: "us-east-1",
            service: "kafka-cluster",
        };
        let credential = Credential { key: "AKIA", scope };
        let text = "AKIA/20261130/us-east-1/kafka-cluster/aws4_request";
        assert_eq!(Credential::parse(text), Some(credential));
        for wrong in [
            "",
            "AKIA",
            "AKIA/20261130/us-east-1/kafka-cluster",
            "AKIA/20261130/us-east-1/kafka-cluster/aws3_request",
            "/20261130/us-east-1/kafka-cluster/aws4_request",
            "AKIA/20261130//kafka-cluster/aws4_request",
            "AKIA/20261130/us-east-1/kafka-cluster/aws4_request/",
        ] {
            assert_eq!(Credential::parse(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn what_is_encoded_is_decoded() {
        for text in ["", "a b", "%2B/+=", "\u{e9}~-._", "\u{1F600}"] {
            assert_eq!(decoded(&encoded(text)).as_deref(), Some(text));
        }
        assert_eq!(encoded("kafka-cluster:Connect"), "kafka-cluster%3AConnect");
        for wrong in ["%", "%2", "%zz", "%ff"] {
            assert_eq!(decoded(wrong), None, "{wrong}");
        }
    }
}
