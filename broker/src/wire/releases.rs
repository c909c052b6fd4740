//! What brokers of other releases offer: their requests, versions and features.
//!
//! `releases.txt` holds what brokers of these releases themselves list; what is offered here is what both
//! they and this broker have. A feature stands for requests, and is there as far as these are: a client
//! that asks for features first must not be told of what it cannot ask for then.

use super::apis::{ApiRow, advertised};
use super::names::nearest;

/// The recorded lists.
const RECORDED: &str = include_str!("releases.txt");

/// The release that this broker is like unless told otherwise.
const NEWEST: &str = "4.4";

/// What a level of a feature, and every one above it, promises: a version of a request.
const PROMISES: &[(&str, i16, i16, i16)] = &[
    // DescribeTopicPartitions shows eligible leader replicas.
    ("eligible.leader.replicas.version", 1, 75, 0),
    // ConsumerGroupHeartbeat.
    ("group.version", 1, 68, 0),
    // AddRaftVoter, RemoveRaftVoter.
    ("kraft.version", 1, 80, 0),
    ("kraft.version", 1, 81, 0),
    // UpdateFeatures changes it.
    (METADATA_VERSION, 1, 57, 0),
    // ShareFetch.
    ("share.version", 1, 78, 1),
    // StreamsGroupHeartbeat.
    ("streams.version", 1, 88, 0),
    // Transactions of KIP-890: Produce adds partitions, TxnOffsetCommit adds groups, EndTxn gives out epochs.
    ("transaction.version", 2, 0, 12),
    ("transaction.version", 2, 28, 5),
    ("transaction.version", 2, 26, 5),
];

/// The feature without which there is no cluster.
const METADATA_VERSION: &str = "metadata.version";

/// What a release has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Release {
    name: &'static str,
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

    /// The release that this broker is like.
    pub(crate) fn of_this_broker() -> Self {
        Self::of(NEWEST).unwrap_or_else(|_| Self {
            name: NEWEST,
            apis: Vec::new(),
            features: Vec::new(),
        })
    }

    /// Its name, such as `3.9`.
    pub(crate) const fn name(&self) -> &'static str {
        self.name
    }

    /// Whether Kafka has a feature that is not offered here yet.
    pub(crate) fn is_yet_to_come(feature: &str) -> bool {
        let mut lines = RECORDED.lines().map(|line| line.split(' '));
        let is_kafkas =
            lines.any(|mut words| words.next() == Some("feature") && words.next() == Some(feature));
        is_kafkas
            && !Self::of_this_broker()
                .features()
                .any(|known| known.name == feature)
    }

    fn read(section: &'static str) -> Self {
        let mut release = Self {
            name: first_word(section),
            apis: Vec::new(),
            features: Vec::new(),
        };
        for line in section.lines().skip(1) {
            let words: Vec<&'static str> = line.split(' ').collect();
            match *words {
                ["feature", name, first, last, level] => release.promise(ReleasedFeature {
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

    /// Has a feature as far as its promises are kept. Its requests are known before.
    fn promise(&mut self, feature: ReleasedFeature) {
        let broken = PROMISES.iter().filter(|(name, _, key, version)| {
            // What the release itself does not list, such as share groups in 4.0, is its own affair.
            *name == feature.name && !advertised().any(|own| own.key == *key && own.max >= *version)
        });
        let lowest = broken.map(|(_, level, ..)| level.saturating_sub(1)).min();
        let last = feature.last.min(lowest.unwrap_or(feature.last));
        if last > 0 && last >= feature.first {
            let level = feature.level.min(last);
            self.features.push(ReleasedFeature {
                last,
                level,
                ..feature
            });
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

    fn releases() -> impl Iterator<Item = &'static str> {
        RECORDED.split("\nrelease ").skip(1).map(first_word)
    }

    /// A client that asks for features first must find what they promise, and what they promise must
    /// not be there without them.
    #[test]
    fn features_and_requests_agree() {
        let mut compared = 0;
        for name in releases() {
            let release = Release::of(name).unwrap();
            for (feature, level, key, version) in PROMISES {
                let listed = release
                    .newest(*key)
                    .is_some_and(|newest| newest >= *version);
                let known = release.features().find(|known| known.name == *feature);
                let Some(known) = known else {
                    // Before it had its feature, what it promises was a preview at most.
                    let was_there = RECORDED.contains(&format!("feature {feature} "));
                    assert!(was_there, "nobody ever had {feature}");
                    let since = releases().find(|name| {
                        Release::of(name)
                            .unwrap()
                            .features()
                            .any(|f| f.name == *feature)
                    });
                    let is_older = since.is_none_or(|since| age(name) > age(since));
                    assert!(is_older, "{name} lost {feature}");
                    assert!(
                        since.is_some() || !listed,
                        "{name} lists {key} without {feature}"
                    );
                    continue;
                };
                compared += 1;
                assert_eq!(
                    known.last >= *level,
                    listed,
                    "{name}: {feature} {level}, request {key}"
                );
                assert!(
                    known.level < *level || listed,
                    "{name}: {feature} {level} is in force"
                );
                assert!((known.first..=known.last).contains(&known.level) || known.level == 0);
            }
        }
        assert!(compared > 30, "{compared}");
    }

    /// How many releases came later; what was recorded of none in particular is the oldest.
    fn age(name: &str) -> usize {
        let later = releases()
            .filter(|other| other.contains('.'))
            .skip_while(|other| *other != name);
        match later.count() {
            0 => usize::MAX,
            count => count,
        }
    }

    #[test]
    fn what_is_not_offered_is_no_feature() {
        let newest = Release::of_this_broker();
        let features: Vec<_> = newest.features().map(|feature| feature.name).collect();
        for (name, level, key, version) in PROMISES {
            let offered = advertised().any(|own| own.key == *key && own.max >= *version);
            let last = newest
                .features()
                .find(|known| known.name == *name)
                .map_or(0, |f| f.last);
            assert_eq!(last >= *level, offered, "{name} among {features:?}");
        }
        assert!(
            !Release::is_yet_to_come("group.version") && !Release::is_yet_to_come("no.version")
        );
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
