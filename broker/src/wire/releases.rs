//! What brokers of other releases offer: their requests, versions and features.
//!
//! `releases.txt` holds what brokers of these releases themselves list; what is offered here is what both
//! they and this broker have.

use super::apis::{ApiRow, advertised};
use super::names::nearest;

/// The recorded lists.
const RECORDED: &str = include_str!("releases.txt");

/// What a release has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Release {
    apis: Vec<ApiRow>,
    features: Vec<ReleasedFeature>,
}

/// A feature, its levels, and that of a new cluster.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct ReleasedFeature {
    pub(crate) name: &'static str,
    pub(crate) first: i16,
    pub(crate) last: i16,
    pub(crate) level: i16,
}

/// A name that no known release has.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{written:?} is not a known release: did you mean {nearest}? There are {known}")]
pub(crate) struct UnknownRelease {
    written: String,
    nearest: &'static str,
    known: String,
}

impl Release {
    /// The release of that name, such as `3.9` or `msk-serverless`; a patch level is not looked at.
    pub(crate) fn of(name: &str) -> Result<Self, UnknownRelease> {
        let mut parts = name.splitn(3, '.');
        let minor = match (parts.next(), parts.next()) {
            (Some(major), Some(minor)) => format!("{major}.{minor}"),
            _ => name.to_owned(),
        };
        let sections = || RECORDED.split("\nrelease ").skip(1);
        let found = sections().find(|section| first_word(section) == minor);
        found.map(Self::read).ok_or_else(|| {
            let known: Vec<_> = sections().map(first_word).collect();
            UnknownRelease {
                written: name.to_owned(),
                nearest: nearest(name, known.iter().copied()).unwrap_or_default(),
                known: known.join(", "),
            }
        })
    }

    fn read(section: &'static str) -> Self {
        let mut release = Self {
            apis: Vec::new(),
            features: Vec::new(),
        };
        for line in section.lines().skip(1) {
            let words: Vec<&'static str> = line.split(' ').collect();
            match *words {
                ["feature", name, first, last, level] => release.features.push(ReleasedFeature {
                    name,
                    first: number(first),
                    last: number(last),
                    level: number(level),
                }),
                [key, first, last] => release.offer(number(key), number(first), number(last)),
                _ => {}
            }
        }
        release
    }

    fn offer(&mut self, key: i16, first: i16, last: i16) {
        let Some(own) = advertised().find(|own| own.key == key) else {
            return;
        };
        let (min, max) = (own.min.max(first), own.max.min(last));
        if min <= max {
            self.apis.push(ApiRow { min, max, ..*own });
        }
    }

    /// What ApiVersions lists.
    pub(crate) fn apis(&self) -> impl Iterator<Item = ApiRow> {
        self.apis.iter().copied()
    }

    pub(crate) fn features(&self) -> impl Iterator<Item = ReleasedFeature> {
        self.features.iter().copied()
    }

    /// Whether it has a request in a version.
    pub(crate) fn serves(&self, key: i16, version: i16) -> bool {
        let row = self.apis.iter().find(|row| row.key == key);
        row.is_some_and(|row| (row.min..=row.max).contains(&version))
    }

    /// The newest version of a request.
    pub(crate) fn newest(&self, key: i16) -> Option<i16> {
        let row = self.apis.iter().find(|row| row.key == key);
        row.map(|row| row.max)
    }
}

fn first_word(section: &'static str) -> &'static str {
    section.split([' ', '\n']).next().unwrap_or_default()
}

fn number(text: &str) -> i16 {
    text.parse().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn releases_have_what_they_had() {
        #[track_caller]
        fn check(name: &str, key: i16, expected: Option<(i16, i16)>) {
            let release = Release::of(name).unwrap();
            let row = release.apis().find(|row| row.key == key);
            assert_eq!(row.map(|row| (row.min, row.max)), expected, "{name} {key}");
        }
        check("2.8", 0, Some((0, 9)));
        check("3.9", 1, Some((4, 17)));
        check("3.9.1", 18, Some((0, 4)));
        check("3.7", 75, None);
        check("3.3", 68, None);
        check("4.0", 68, Some((0, 1)));
        check("4.4", 18, Some((0, 5)));
        check("msk-serverless", 21, None);
        check("msk-serverless", 3, Some((7, 11)));
        let error = Release::of("3.99").unwrap_err().to_string();
        assert!(error.contains("did you mean 3.9?"), "{error}");
    }

    #[test]
    fn the_newest_release_is_this_broker() {
        let newest = Release::of("4.4").unwrap();
        assert!(newest.apis().eq(advertised().copied()));
    }

    #[test]
    fn every_line_of_the_record_is_understood() {
        let mut releases = 0;
        for section in RECORDED.split("\nrelease ").skip(1) {
            releases += 1;
            for line in section.lines().skip(1).filter(|line| !line.is_empty()) {
                let words: Vec<&str> = line.split(' ').collect();
                let numbers = words.iter().filter(|word| word.parse::<i16>().is_ok());
                let expected = [(3, 3), (5, 3)];
                assert!(expected.contains(&(words.len(), numbers.count())), "{line}");
            }
        }
        assert!(releases > 15);
    }
}
