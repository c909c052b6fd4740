//! The message of a client that brings a token (RFC 7628), by the grammar that Kafka holds it to.

use std::collections::BTreeMap;

use crate::engine::sasl::outcome::Failed;

/// What stands between the parts.
const SEPARATOR: char = '\u{1}';

/// What a client says.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct ClientInitial {
    /// Who the client wants to act as; nobody else if empty. Kafka compares it as it is written.
    pub(super) acts_as: String,
    pub(super) token: String,
    /// Kafka takes any, and makes them known to nobody but a principal builder.
    pub(super) extensions: BTreeMap<String, String>,
}

impl ClientInitial {
    /// Reads it.
    ///
    /// # Errors
    /// What Kafka's log says of it, of which the client is not told.
    pub(super) fn parse(sent: &[u8]) -> Result<Self, Failed> {
        let text = std::str::from_utf8(sent).ok();
        let parts = text.and_then(parts);
        let (acts_as, mut pairs) =
            parts.ok_or_else(|| Failed::hidden("Invalid OAUTHBEARER client first message"))?;
        let auth = pairs.remove("auth").ok_or_else(|| {
            Failed::hidden("Invalid OAUTHBEARER client first message: 'auth' not specified")
        })?;
        let (scheme, token) = scheme_and_token(auth).ok_or_else(|| {
            Failed::hidden("Invalid OAUTHBEARER client first message: invalid 'auth' format")
        })?;
        if !scheme.eq_ignore_ascii_case("bearer") {
            // Kafka means to say that the scheme is wrong, and asks its matcher for a group that it does not have.
            return Err(Failed::Broken("No group with name <scheme>".to_owned()));
        }
        let extensions = pairs.into_iter();
        let extensions = extensions.map(|(name, value)| (name.to_owned(), value.to_owned()));
        Ok(Self {
            acts_as: acts_as.to_owned(),
            token: token.to_owned(),
            extensions: extensions.collect(),
        })
    }
}

/// Whom the client wants to act as, and what else it says; of two of a name the second.
fn parts(text: &str) -> Option<(&str, BTreeMap<&str, &str>)> {
    let rest = text.strip_prefix("n,")?;
    let (acts_as, rest) = rest.split_once(',')?;
    let acts_as = match acts_as {
        "" => "",
        other => other.strip_prefix("a=").filter(|name| is_sasl_name(name))?,
    };
    let rest = rest.strip_prefix(SEPARATOR)?.strip_suffix(SEPARATOR)?;
    if rest.is_empty() {
        return Some((acts_as, BTreeMap::new()));
    }
    let pairs = rest.strip_suffix(SEPARATOR)?.split(SEPARATOR);
    let pairs: Option<BTreeMap<_, _>> = pairs.map(pair).collect();
    Some((acts_as, pairs?))
}

fn pair(text: &str) -> Option<(&str, &str)> {
    let (name, value) = text.split_once('=')?;
    let is_name = !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphabetic());
    let is_text = |byte: u8| (0x20..0x7f).contains(&byte) || b"\t\r\n".contains(&byte);
    let is_value = !value.is_empty() && value.bytes().all(is_text);
    (is_name && is_value).then_some((name, value))
}

/// Letters of ASCII, with `=2C` and `=3D` for comma and equals sign.
fn is_sasl_name(name: &str) -> bool {
    let plain = name.replace("=2C", "x").replace("=3D", "x");
    !plain.is_empty()
        && plain
            .bytes()
            .all(|byte| (1..=0x7f).contains(&byte) && byte != b'=')
}

fn scheme_and_token(auth: &str) -> Option<(&str, &str)> {
    let (scheme, token) = auth.split_once(' ')?;
    let token = token.trim_start_matches(' ');
    let is_word = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    let is_scheme = !scheme.is_empty() && scheme.bytes().all(is_word);
    let core = token.trim_end_matches('=');
    let is_part = |byte: u8| byte.is_ascii_alphanumeric() || b"-_~+/.".contains(&byte);
    let is_token = !core.is_empty() && core.bytes().all(is_part);
    (is_scheme && is_token).then_some((scheme, token))
}
