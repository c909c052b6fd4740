//! Whether a signed request lets its sender in, and if not, why.

use subtle::ConstantTimeEq as _;

use super::Aws;
use super::keys::AccessKey;
use super::moment;
use super::request::{Form, SignedRequest};
use super::sigv4::{ALGORITHM, Canonical, Credential, NO_BODY};
use crate::engine::authorizer::policy::Policies;
use crate::wire::units::WallMillis;

/// What is signed for.
const SERVICE: &str = "kafka-cluster";
const ACTION: &str = "kafka-cluster:Connect";
/// How far a signer's clock may be ahead, as for all requests to AWS.
const AHEAD_MAX_MS: i64 = 15 * 60 * 1000;
/// The longest that a presigned request may be good for: SigV4's seven days.
const EXPIRES_MAX_S: i64 = 7 * 24 * 3600;
/// Hosts that are this machine, which clients take for each other: Java looks up the name of the address that it has connected to.
const LOOPBACK: [&str; 4] = ["localhost", "127.0.0.1", "::1", "[::1]"];

/// Why a client is not let in. The client is told nearly nothing of it; the journal and the log are.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Denied {
    #[error("malformed: {0}")]
    Malformed(String),
    #[error("wrong action: it signs {0:?} instead of {ACTION:?}")]
    Action(String),
    #[error("unknown key: there is no access key {0:?}")]
    UnknownKey(String),
    #[error("wrong service: it is signed for {0:?} instead of {SERVICE:?}")]
    Service(String),
    #[error("wrong region: it is signed for {said:?}, and the cluster is in {region:?}")]
    Region { said: String, region: String },
    #[error("wrong host: it is signed for {said:?}, and this is {expected}")]
    Host { said: String, expected: String },
    #[error("not yet valid: it was signed {ahead_s} s from now, and a clock may be 900 s ahead")]
    NotYet { ahead_s: i64 },
    #[error("expired: it was good for {expires_s} s, and was signed {age_s} s ago")]
    Expired { expires_s: i64, age_s: i64 },
    #[error("wrong session token: {0}")]
    SessionToken(&'static str),
    #[error("bad signature: it is not what the secret of {0:?} gives")]
    Signature(String),
    #[error("session over: the session of {key:?} ended {ago_s} s ago")]
    SessionOver { key: String, ago_s: i64 },
    #[error("denied action: {0}")]
    Policy(String),
}

impl Denied {
    /// What the client is told, behind the request's id. MSK says no more.
    pub(crate) const fn told(&self) -> &'static str {
        match self {
            Self::SessionOver { .. } => "Session too short",
            Self::Malformed(_)
            | Self::Action(_)
            | Self::UnknownKey(_)
            | Self::Service(_)
            | Self::Region { .. }
            | Self::Host { .. }
            | Self::NotYet { .. }
            | Self::Expired { .. }
            | Self::SessionToken(_)
            | Self::Signature(_)
            | Self::Policy(_) => "Access denied",
        }
    }
}

/// Whom a client reached, and when.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Reached<'a> {
    pub(crate) now: WallMillis,
    /// The names of the brokers.
    pub(crate) hosts: &'a [String],
    /// What decides who may connect; whoever has a key may if there is none.
    pub(crate) policies: Option<&'a Policies>,
}

impl Aws {
    /// Whose key has signed what a client sent.
    ///
    /// # Errors
    /// Why it does not let the client in: the first that is found, and who made a mistake hears of that before the signature,
    /// which it spoils.
    pub(crate) fn verify(
        &self,
        form: Form,
        sent: &[u8],
        reached: Reached<'_>,
    ) -> Result<&AccessKey, Denied> {
        let request = SignedRequest::read(form, sent).map_err(Denied::Malformed)?;
        let get = |name: &str| {
            let missing = || Denied::Malformed(format!("it has no {name}"));
            request.get(name).ok_or_else(missing)
        };
        let action = get("Action")?;
        if action != ACTION {
            return Err(Denied::Action(action.to_owned()));
        }
        let credential = get("X-Amz-Credential")?;
        let malformed = |why: &str| Denied::Malformed(why.to_owned());
        let credential = Credential::parse(credential).ok_or_else(|| {
            malformed("its credential is not KEY/DATE/REGION/SERVICE/aws4_request")
        })?;
        if get("X-Amz-Algorithm")? != ALGORITHM {
            return Err(malformed("its algorithm is not AWS4-HMAC-SHA256"));
        }
        if get("X-Amz-SignedHeaders")? != "host" {
            return Err(malformed("its signed headers are not just the host"));
        }
        let known = self.keys.get(credential.key);
        let key = known.ok_or_else(|| Denied::UnknownKey(credential.key.to_owned()))?;
        self.check_place(form, &credential, (&request.host, reached.hosts))?;
        let date = get("X-Amz-Date")?;
        if !date.starts_with(credential.scope.date) {
            return Err(malformed(
                "the date of its credential is another than its own",
            ));
        }
        check_time(date, get("X-Amz-Expires")?, reached.now)?;
        check_session_token(key, request.get("X-Amz-Security-Token"))?;
        if !is_signed(&request, key, &credential, date) {
            return Err(Denied::Signature(key.id.clone()));
        }
        check_session(key, reached.now)?;
        Ok(key)
    }

    /// Whether a request was signed for this cluster.
    fn check_place(
        &self,
        form: Form,
        credential: &Credential<'_>,
        (host, brokers): (&str, &[String]),
    ) -> Result<(), Denied> {
        let scope = credential.scope;
        if scope.service != SERVICE {
            return Err(Denied::Service(scope.service.to_owned()));
        }
        let region = &self.place.region;
        if scope.region != region {
            let (said, region) = (scope.region.to_owned(), region.clone());
            return Err(Denied::Region { said, region });
        }
        let expected: Vec<String> = match form {
            Form::Token => vec![self.place.service_host()],
            Form::Payload => brokers.iter().chain(&self.place.hosts).cloned().collect(),
        };
        let is_loopback = |host: &str| LOOPBACK.contains(&host);
        let is_same = |known: &String| {
            known.eq_ignore_ascii_case(host) || (is_loopback(known) && is_loopback(host))
        };
        if !expected.iter().any(is_same) {
            let (said, expected) = (host.to_owned(), expected.join(" or "));
            return Err(Denied::Host { said, expected });
        }
        Ok(())
    }
}

fn check_time(date: &str, expires: &str, now: WallMillis) -> Result<(), Denied> {
    let malformed = |why: &str| Denied::Malformed(why.to_owned());
    let signed = moment::parse(date)
        .ok_or_else(|| malformed("its date is not one such as 20261130T041242Z"))?;
    let expires_s = expires.parse::<i64>().ok();
    let expires_s = expires_s.filter(|seconds| (1..=EXPIRES_MAX_S).contains(seconds));
    let expires_s =
        expires_s.ok_or_else(|| malformed("it is good for no number of seconds up to 604800"))?;
    let age_ms = now.0.saturating_sub(signed.0);
    if age_ms < -AHEAD_MAX_MS {
        let ahead_s = age_ms.saturating_neg() / 1000;
        return Err(Denied::NotYet { ahead_s });
    }
    if age_ms >= expires_s * 1000 {
        let age_s = age_ms / 1000;
        return Err(Denied::Expired { expires_s, age_s });
    }
    Ok(())
}

fn check_session_token(key: &AccessKey, said: Option<&str>) -> Result<(), Denied> {
    let why = match (&key.session_token, said) {
        (None, None) => return Ok(()),
        (Some(token), Some(said)) if bool::from(token.as_bytes().ct_eq(said.as_bytes())) => {
            return Ok(());
        }
        (Some(_), Some(_)) => "it is another than that of the key's session",
        (Some(_), None) => "there is none, and the key is one of a session",
        (None, Some(_)) => "there is one, and the key is no session's",
    };
    Err(Denied::SessionToken(why))
}

fn is_signed(
    request: &SignedRequest,
    key: &AccessKey,
    credential: &Credential<'_>,
    date: &str,
) -> bool {
    let pairs = request.query.iter();
    let query: Vec<_> = pairs
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect();
    let canonical = Canonical {
        method: "GET",
        path: &request.path,
        query: &query,
        headers: &[("host", &request.host)],
        body_sha256: NO_BODY,
    };
    let signature = canonical.signature(&key.secret, &credential.scope, date);
    bool::from(signature.as_bytes().ct_eq(request.signature.as_bytes()))
}

fn check_session(key: &AccessKey, now: WallMillis) -> Result<(), Denied> {
    match key.expires {
        Some(expires) if now >= expires => Err(Denied::SessionOver {
            key: key.id.clone(),
            ago_s: now.0.saturating_sub(expires.0) / 1000,
        }),
        _ => Ok(()),
    }
}
