//! What a client signs to be let in: a presigned GET of `kafka-cluster:Connect`, which nobody sends over HTTP. AWS's library
//! for the JVM puts its parts into a JSON object, the mechanism AWS_MSK_IAM. In every other language its URL is the token of
//! OAUTHBEARER.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::sigv4::decoded;

/// The version of the JSON object, in both directions.
pub(super) const VERSION: &str = "2020_10_22";

/// Parameters by the names that they have in a URL, and in the JSON object.
const PARAMETERS: [(&str, &str); 8] = [
    ("Action", "action"),
    ("X-Amz-Algorithm", "x-amz-algorithm"),
    ("X-Amz-Credential", "x-amz-credential"),
    ("X-Amz-Date", "x-amz-date"),
    ("X-Amz-Expires", "x-amz-expires"),
    ("X-Amz-Security-Token", "x-amz-security-token"),
    ("X-Amz-Signature", SIGNATURE),
    ("X-Amz-SignedHeaders", "x-amz-signedheaders"),
];
const SIGNATURE: &str = "x-amz-signature";
const USER_AGENT: &str = "user-agent";

/// By what a client sends it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    /// The JSON object of AWS_MSK_IAM, in which the host is the broker's.
    Payload,
    /// The URL in a token of OAUTHBEARER, in which the host is that of the service in its region.
    Token,
}

/// A request as it was signed.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct SignedRequest {
    pub(super) host: String,
    pub(super) path: String,
    /// What is signed of the query, decoded.
    pub(super) query: Vec<(String, String)>,
    pub(super) signature: String,
}

impl SignedRequest {
    /// Reads what a client sent.
    ///
    /// # Errors
    /// What is wrong with it.
    pub(super) fn read(form: Form, sent: &[u8]) -> Result<Self, String> {
        match form {
            Form::Payload => Self::payload(sent),
            Form::Token => Self::token(sent),
        }
    }

    /// The value of a parameter by its name in a URL.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        let mut all = self.query.iter();
        let (_, value) = all.find(|(known, _)| known == name)?;
        Some(value)
    }

    fn payload(sent: &[u8]) -> Result<Self, String> {
        let object: Result<BTreeMap<String, String>, _> = serde_json::from_slice(sent);
        let mut object = object.map_err(|_| "it is not a JSON object of strings".to_owned())?;
        let mut take = |name: &str| {
            object
                .remove(name)
                .ok_or_else(|| format!("it has no {name}"))
        };
        let version = take("version")?;
        if version != VERSION {
            return Err(format!("its version is {version:?} instead of {VERSION:?}"));
        }
        let host = take("host")?;
        let signature = take(SIGNATURE)?;
        object.remove(USER_AGENT);
        let mut query = Vec::new();
        for (name, value) in object {
            let known = PARAMETERS.iter().find(|(_, known)| *known == name);
            let (parameter, _) =
                known.ok_or_else(|| format!("it has an unknown field {name:?}"))?;
            query.push(((*parameter).to_owned(), value));
        }
        Ok(Self {
            host,
            path: "/".to_owned(),
            query,
            signature,
        })
    }

    fn token(sent: &[u8]) -> Result<Self, String> {
        let url = url_of(sent).ok_or("it is not a URL in base64url")?;
        let rest = url
            .strip_prefix("https://")
            .ok_or("its URL does not begin with https://")?;
        let (place, query) = rest.split_once('?').ok_or("its URL has no query")?;
        let (host, path) = place.split_at(place.find('/').unwrap_or(place.len()));
        let mut request = Self {
            host: host.to_owned(),
            path: path.to_owned(),
            query: Vec::new(),
            signature: String::new(),
        };
        for pair in query.split('&') {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            let read = || Some((decoded(name)?, decoded(value)?));
            let (name, value) = read().ok_or("its query is not percent-encoded UTF-8")?;
            match name.to_ascii_lowercase().as_str() {
                SIGNATURE => request.signature = value,
                // Added once the rest was signed.
                USER_AGENT => {}
                _ if request.get(&name).is_some() => return Err(format!("it has {name} twice")),
                _ => request.query.push((name, value)),
            }
        }
        if request.signature.is_empty() {
            return Err("it has no X-Amz-Signature".to_owned());
        }
        Ok(request)
    }
}

/// The URL that is a token, if it is one.
fn url_of(token: &[u8]) -> Option<String> {
    let end = token.iter().rposition(|byte| *byte != b'=')?;
    let bytes = URL_SAFE_NO_PAD.decode(token.get(..=end)?).ok()?;
    String::from_utf8(bytes).ok()
}

/// Whether a token of OAUTHBEARER is a URL, so meant for AWS.
pub(crate) fn is_url(token: &str) -> bool {
    url_of(token.as_bytes()).is_some_and(|url| url.contains("://"))
}
