//! Values of options, as people write them.

use std::fmt;
use std::path::Path;
use std::str::FromStr;

use anyhow::{Context as _, Result};

/// A topic that exists from the start.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Topic {
    pub(crate) name: String,
    pub(crate) partitions: usize,
    /// By default the number of nodes, at most three.
    pub(crate) replication: Option<usize>,
}

impl FromStr for Topic {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let number = |part: &str| {
            part.parse()
                .map_err(|_| format!("{part} is not a number of partitions or replicas"))
        };
        let mut parts = text.split(':');
        let topic = Self {
            name: parts.next().unwrap_or_default().to_owned(),
            partitions: parts.next().map_or(Ok(1), number)?,
            replication: parts.next().map(number).transpose()?,
        };
        match parts.next() {
            Some(_) => Err("more than NAME:PARTITIONS:REPLICATION".to_owned()),
            None => Ok(topic),
        }
    }
}

/// Somebody who can log in.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct User {
    pub(crate) name: String,
    pub(crate) password: String,
}

impl fmt::Debug for User {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:…", self.name)
    }
}

/// A password may have colons in it.
pub(super) fn user(text: &str) -> Result<User, String> {
    let (name, password) = text.split_once(':').ok_or("not USER:PASSWORD")?;
    Ok(User {
        name: name.to_owned(),
        password: password.to_owned(),
    })
}

pub(super) fn setting(text: &str) -> Result<(String, String), String> {
    let (key, value) = text.split_once('=').ok_or("not KEY=VALUE")?;
    Ok((key.trim().to_owned(), value.trim().to_owned()))
}

/// A file's bytes.
pub(crate) fn read(path: &Path) -> Result<Vec<u8>> {
    std::fs::read(path).with_context(|| format!("cannot read {}", path.display()))
}

/// Says how to get TLS.
#[cfg(not(feature = "tls"))]
pub(crate) fn without_tls(_: &str) -> Result<String, String> {
    Err("this program was built without TLS: build it with --features tls".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn topics_are_read() {
        #[track_caller]
        fn check(text: &str, expected: Option<(&str, usize, Option<usize>)>) {
            let topic = text.parse::<Topic>().ok();
            let shown = topic
                .as_ref()
                .map(|topic| (topic.name.as_str(), topic.partitions, topic.replication));
            assert_eq!(shown, expected, "{text}");
        }
        check("a", Some(("a", 1, None)));
        check("a:6", Some(("a", 6, None)));
        check("a:6:3", Some(("a", 6, Some(3))));
        check("a:b", None);
        check("a:6:3:1", None);
    }
}
