//! What a certificate says of whom it is about.

use std::fmt::Write as _;
use std::net::IpAddr;

use x509_parser::certificate::X509Certificate;
use x509_parser::extensions::GeneralName;
use x509_parser::prelude::FromDer as _;
use x509_parser::x509::{AttributeTypeAndValue, X509Name};

/// The names that Java writes as words (RFC 2253); of all others it writes the object identifier.
const WORDS: [(&str, &str); 9] = [
    ("2.5.4.3", "CN"),
    ("2.5.4.6", "C"),
    ("2.5.4.7", "L"),
    ("2.5.4.8", "ST"),
    ("2.5.4.9", "STREET"),
    ("2.5.4.10", "O"),
    ("2.5.4.11", "OU"),
    ("0.9.2342.19200300.100.1.25", "DC"),
    ("0.9.2342.19200300.100.1.1", "UID"),
];

/// What is read of a certificate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct About {
    /// Whom it is about, as Java writes it.
    pub(crate) subject: String,
    /// Its alternative names, in its order.
    pub(crate) names: Vec<String>,
    /// From when on it is valid, in seconds since 1970.
    pub(crate) not_before: i64,
    /// Until when it is valid, in seconds since 1970.
    pub(crate) not_after: i64,
}

impl About {
    /// Reads a certificate.
    ///
    /// # Errors
    /// It is none.
    pub(crate) fn read(der: &[u8]) -> Result<Self, String> {
        let read = X509Certificate::from_der(der);
        let (_, certificate) =
            read.map_err(|why| format!("a certificate cannot be read: {why}"))?;
        let alternatives = certificate.subject_alternative_name();
        let alternatives = alternatives.map_err(|why| format!("a certificate's names: {why}"))?;
        let names = alternatives
            .iter()
            .flat_map(|found| &found.value.general_names);
        let names = names.map(general_name).collect();
        let validity = certificate.validity();
        Ok(Self {
            subject: distinguished(certificate.subject()),
            names,
            not_before: validity.not_before.timestamp(),
            not_after: validity.not_after.timestamp(),
        })
    }
}

fn general_name(name: &GeneralName<'_>) -> String {
    match name {
        GeneralName::DNSName(name) => format!("DNS:{name}"),
        GeneralName::RFC822Name(name) => format!("email:{name}"),
        GeneralName::URI(name) => format!("URI:{name}"),
        GeneralName::IPAddress(bytes) => match address(bytes) {
            Some(address) => format!("IP:{address}"),
            None => format!("IP:{bytes:?}"),
        },
        other @ (GeneralName::OtherName(..)
        | GeneralName::X400Address(_)
        | GeneralName::DirectoryName(_)
        | GeneralName::EDIPartyName(_)
        | GeneralName::RegisteredID(_)
        | GeneralName::Invalid(..)) => format!("{other:?}"),
    }
}

fn address(bytes: &[u8]) -> Option<IpAddr> {
    let v4 = <[u8; 4]>::try_from(bytes).map(IpAddr::from);
    v4.or_else(|_| <[u8; 16]>::try_from(bytes).map(IpAddr::from))
        .ok()
}

/// A distinguished name as `X500Principal.getName()` of Java writes it: the last part first, by RFC 2253.
fn distinguished(name: &X509Name<'_>) -> String {
    let parts: Vec<_> = name
        .iter_rdn()
        .map(|part| {
            let values: Vec<_> = part.iter().map(attribute).collect();
            values.join("+")
        })
        .collect();
    parts.into_iter().rev().collect::<Vec<_>>().join(",")
}

fn attribute(attribute: &AttributeTypeAndValue<'_>) -> String {
    let id = attribute.attr_type().to_id_string();
    let word = WORDS.iter().find(|(known, _)| *known == id);
    match (word, attribute.as_str()) {
        (Some((_, word)), Ok(value)) => format!("{word}={}", escaped(value)),
        // Java writes the whole encoding.
        _ => {
            let value = attribute.attr_value();
            let tag = u8::try_from(value.header.tag().0).unwrap_or_default();
            let length = value.data.len();
            let mut text = format!("{id}=#{tag:02x}{length:02x}");
            for byte in value.data {
                // Nothing goes wrong in writing to a text.
                let _ = write!(text, "{byte:02x}");
            }
            text
        }
    }
}

/// Characters with a meaning of their own get a backslash.
fn escaped(value: &str) -> String {
    let mut text = String::with_capacity(value.len());
    let last = value.chars().count().saturating_sub(1);
    for (at, c) in value.chars().enumerate() {
        let is_special = matches!(c, ',' | '+' | '"' | '\\' | '<' | '>' | ';');
        let is_edge = (c == ' ' && (at == 0 || at == last)) || (c == '#' && at == 0);
        if is_special || is_edge {
            text.push('\\');
        }
        text.push(c);
    }
    text
}
