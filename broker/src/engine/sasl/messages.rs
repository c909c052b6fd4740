//! SCRAM's messages from clients, by the grammar that Kafka holds them to.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;

use crate::engine::java::hash_map::sort_by_name;

/// What a client begins with.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct ClientFirst {
    /// Who the client wants to act as, as it is written: Kafka compares it so.
    pub(super) acts_as: Option<String>,
    pub(super) name: String,
    /// The name as it is written, with `=2C` and `=3D` for comma and equals sign.
    written_name: String,
    pub(super) nonce: String,
    /// In the order of Java's hash table, each name once: Kafka writes them again to sign them.
    extensions: Vec<(String, String)>,
}

/// What a client ends with.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct ClientFinal {
    channel_binding: Vec<u8>,
    pub(super) nonce: String,
    pub(super) proof: Vec<u8>,
}

impl ClientFirst {
    pub(super) fn parse(token: &[u8]) -> Option<Self> {
        let text = std::str::from_utf8(token).ok()?;
        let mut parts = text.strip_prefix("n,")?.split(',');
        let acts_as = match parts.next()? {
            "" => None,
            other => Some(sasl_name(other.strip_prefix("a=")?)?.to_owned()),
        };
        let mut part = parts.next()?;
        if part.starts_with("m=") {
            value(part, "m=")?;
            part = parts.next()?;
        }
        let written_name = sasl_name(part.strip_prefix("n=")?)?.to_owned();
        let nonce = nonce(parts.next()?)?.to_owned();
        let extensions: Option<Vec<_>> = parts.map(extension).collect();
        Some(Self {
            acts_as,
            name: written_name.replace("=2C", ",").replace("=3D", "="),
            written_name,
            nonce,
            extensions: as_map(extensions?),
        })
    }

    /// Whether the name is that of a delegation token.
    pub(super) fn is_by_token(&self) -> bool {
        let says_so = |(name, value): &(String, String)| {
            name == "tokenauth" && value.eq_ignore_ascii_case("true")
        };
        self.extensions.iter().any(says_so)
    }

    /// The message as it is signed.
    pub(super) fn bare(&self) -> String {
        let mut bare = format!("n={},r={}", self.written_name, self.nonce);
        for (name, value) in &self.extensions {
            bare.push_str(&format!(",{name}={value}"));
        }
        bare
    }
}

impl ClientFinal {
    pub(super) fn parse(token: &[u8]) -> Option<Self> {
        let text = std::str::from_utf8(token).ok()?;
        let mut parts = text.split(',');
        let channel_binding = base64(parts.next()?, "c=")?;
        let nonce = nonce(parts.next()?)?.to_owned();
        let proof = base64(parts.next_back()?, "p=")?;
        let _checked: Vec<_> = parts.map(extension).collect::<Option<_>>()?;
        Some(Self {
            channel_binding,
            nonce,
            proof,
        })
    }

    /// The message as it is signed: what is not known is left out.
    pub(super) fn without_proof(&self) -> String {
        let channel = BASE64_STANDARD.encode(&self.channel_binding);
        format!("c={channel},r={}", self.nonce)
    }
}

/// As Java's hash table has them: the last of a name, in the table's order.
fn as_map(pairs: Vec<(String, String)>) -> Vec<(String, String)> {
    let mut map: Vec<(String, String)> = Vec::new();
    for (name, value) in pairs {
        match map.iter_mut().find(|known| known.0 == name) {
            Some(known) => known.1 = value,
            None => map.push((name, value)),
        }
    }
    sort_by_name(&mut map, |pair| &pair.0);
    map
}

/// A text in which comma and equals sign are `=2C` and `=3D`.
fn sasl_name(text: &str) -> Option<&str> {
    let escapes = text.split('=').skip(1);
    let mut escapes = escapes.map(|rest| rest.starts_with("2C") || rest.starts_with("3D"));
    let is_ascii = text.chars().all(|c| matches!(c, '\x01'..='\x7f'));
    (!text.is_empty() && is_ascii && escapes.all(|known| known)).then_some(text)
}

fn value<'a>(text: &'a str, name: &str) -> Option<&'a str> {
    let value = text.strip_prefix(name)?;
    let is_value = !value.is_empty() && value.chars().all(|c| matches!(c, '\x01'..='\x7f'));
    is_value.then_some(value)
}

fn nonce(text: &str) -> Option<&str> {
    let nonce = text.strip_prefix("r=")?;
    let is_nonce = !nonce.is_empty() && nonce.chars().all(|c| c.is_ascii_graphic());
    is_nonce.then_some(nonce)
}

fn extension(text: &str) -> Option<(String, String)> {
    let (name, _) = text.split_once('=')?;
    let value = value(text.get(name.len()..)?, "=")?;
    let is_name = !name.is_empty() && name.chars().all(|c| c.is_ascii_alphabetic());
    is_name.then(|| (name.to_owned(), value.to_owned()))
}

fn base64(text: &str, name: &str) -> Option<Vec<u8>> {
    lenient_base64(text.strip_prefix(name)?)
}

/// Java decodes what has bits beyond its last byte, too.
fn lenient_base64(text: &str) -> Option<Vec<u8>> {
    use base64::alphabet::STANDARD;
    use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
    let config = GeneralPurposeConfig::new()
        .with_decode_allow_trailing_bits(true)
        .with_decode_padding_mode(DecodePaddingMode::RequireCanonical);
    GeneralPurpose::new(&STANDARD, config).decode(text).ok()
}
