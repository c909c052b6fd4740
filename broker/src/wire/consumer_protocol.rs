//! What consumers tell each other through the group's leader, as far as Kafka reads it.

use bytes::{Buf as _, BufMut as _, Bytes, BytesMut};

/// The topics of a subscription: version, then topics, which every version begins with; then user
/// data, which must be there too. `None` if it cannot be read so.
pub(crate) fn topics(subscription: &Bytes) -> Option<Vec<String>> {
    let mut rest = subscription.clone();
    let version = rest.try_get_i16().ok()?;
    let count = rest.try_get_i32().ok()?;
    if version < 0 || count < 0 {
        return None;
    }
    let mut topics = Vec::new();
    for _ in 0..count {
        let length = rest.try_get_i16().ok()?;
        let text = take(&mut rest, usize::try_from(length).ok()?)?;
        topics.push(String::from_utf8(text.to_vec()).ok()?);
    }
    let user_data = rest.try_get_i32().ok()?;
    if let Ok(length) = usize::try_from(user_data) {
        take(&mut rest, length)?;
    }
    Some(topics)
}

/// The last version of subscriptions and assignments; later ones are read as it.
const LAST_VERSION: i16 = 3;
/// The first versions of a subscription with owned partitions, and with a rack.
const OWNED_PARTITIONS: i16 = 1;
const GENERATION: i16 = 2;
const RACK: i16 = 3;

/// Partitions by the name of their topic.
pub(crate) type Partitions = Vec<(String, Vec<i32>)>;

/// All that Kafka reads of a subscription.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Subscription {
    pub(crate) topics: Vec<String>,
    pub(crate) owned: Partitions,
    pub(crate) rack_id: Option<String>,
}

/// What a leader gave a member.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Assignment {
    pub(crate) partitions: Partitions,
    pub(crate) has_user_data: bool,
}

impl Subscription {
    /// `None` if it cannot be read.
    pub(crate) fn read(metadata: &Bytes) -> Option<Self> {
        let mut rest = metadata.clone();
        let version = read_version(&mut rest)?;
        let mut subscription = Self::default();
        for _ in 0..read_count(&mut rest)? {
            subscription.topics.push(read_text(&mut rest)?);
        }
        skip_user_data(&mut rest)?;
        if version >= OWNED_PARTITIONS {
            subscription.owned = read_partitions(&mut rest)?;
        }
        if version >= GENERATION {
            rest.try_get_i32().ok()?;
        }
        if version >= RACK {
            subscription.rack_id = match rest.clone().try_get_i16().ok()? {
                ..0 => None,
                _ => Some(read_text(&mut rest)?),
            };
        }
        Some(subscription)
    }
}

impl Assignment {
    /// `None` if it cannot be read.
    pub(crate) fn read(assignment: &Bytes) -> Option<Self> {
        let mut rest = assignment.clone();
        read_version(&mut rest)?;
        let partitions = read_partitions(&mut rest)?;
        let has_user_data = skip_user_data(&mut rest)? > 0;
        Some(Self {
            partitions,
            has_user_data,
        })
    }
}

/// An assignment as who sent `metadata` reads it. `None` if the metadata has no version.
pub(crate) fn assignment_for(metadata: &Bytes, partitions: &Partitions) -> Option<Bytes> {
    let version = read_version(&mut metadata.clone())?;
    let mut bytes = BytesMut::new();
    bytes.put_i16(version);
    put_count(&mut bytes, partitions.len());
    for (topic, indexes) in partitions {
        bytes.put_i16(i16::try_from(topic.len()).ok()?);
        bytes.put_slice(topic.as_bytes());
        put_count(&mut bytes, indexes.len());
        indexes.iter().for_each(|index| bytes.put_i32(*index));
    }
    // No user data.
    bytes.put_i32(-1);
    Some(bytes.freeze())
}

fn put_count(bytes: &mut BytesMut, count: usize) {
    bytes.put_i32(i32::try_from(count).unwrap_or(i32::MAX));
}

fn read_version(from: &mut Bytes) -> Option<i16> {
    let version = from.try_get_i16().ok()?;
    (version >= 0).then_some(version.min(LAST_VERSION))
}

fn read_count(from: &mut Bytes) -> Option<usize> {
    usize::try_from(from.try_get_i32().ok()?).ok()
}

fn read_text(from: &mut Bytes) -> Option<String> {
    let length = usize::try_from(from.try_get_i16().ok()?).ok()?;
    String::from_utf8(take(from, length)?.to_vec()).ok()
}

fn read_partitions(from: &mut Bytes) -> Option<Partitions> {
    let mut topics = Vec::new();
    for _ in 0..read_count(from)? {
        let topic = read_text(from)?;
        let mut indexes = Vec::new();
        for _ in 0..read_count(from)? {
            indexes.push(from.try_get_i32().ok()?);
        }
        topics.push((topic, indexes));
    }
    Some(topics)
}

/// How long it was.
fn skip_user_data(from: &mut Bytes) -> Option<usize> {
    let length = usize::try_from(from.try_get_i32().ok()?).unwrap_or(0);
    take(from, length).map(|data| data.len())
}

fn take(from: &mut Bytes, length: usize) -> Option<Bytes> {
    (length <= from.len()).then(|| from.split_to(length))
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::{Assignment, Subscription, assignment_for, topics};

    #[test]
    fn subscriptions_are_read_up_to_their_user_data() {
        let check = |bytes: &[u8], expected: Option<&[&str]>| {
            let expected = expected.map(|topics| topics.iter().map(ToString::to_string).collect());
            assert_eq!(
                topics(&Bytes::copy_from_slice(bytes)),
                expected,
                "{bytes:?}"
            );
        };
        check(b"\0\0\0\0\0\0\xff\xff\xff\xff", Some(&[]));
        check(b"\0\x03\0\0\0\x01\0\x01t\0\0\0\x01u and more", Some(&["t"]));
        check(b"\0\x01\0\0\0\x02\0\x01t\0\0\0\0\0\0", Some(&["t", ""]));
        check(b"\xff\xff\0\0\0\0\0\0\0\0", None);
        check(b"\0\0\x7f\xff\xff\xff", None);
        check(b"\0\0\0\0\0\x01\0\x02t", None);
        check(b"\0\0\0\0\0\0\0\0\0\x01", None);
        check(b"", None);
    }

    #[test]
    fn subscriptions_are_read_whole() {
        let whole: &[u8] = b"\0\x03\0\0\0\x01\0\x01t\xff\xff\xff\xff\0\0\0\x01\0\x01u\0\0\0\x01\0\0\0\x02\0\0\0\x07\0\x01r";
        let expected = Subscription {
            topics: vec!["t".to_owned()],
            owned: vec![("u".to_owned(), vec![2])],
            rack_id: Some("r".to_owned()),
        };
        let read = Subscription::read(&Bytes::copy_from_slice(whole));
        assert_eq!(read, Some(expected));
        for length in 0..whole.len() {
            let cut = Bytes::copy_from_slice(&whole[..length]);
            assert_eq!(Subscription::read(&cut), None, "{length}");
        }
    }

    #[test]
    fn assignments_are_read_as_they_are_written() {
        let partitions = vec![("t".to_owned(), vec![0, 2])];
        let metadata = Bytes::from_static(b"\0\x01");
        let written = assignment_for(&metadata, &partitions).expect("it has a version");
        assert_eq!(written[..2], [0, 1]);
        let expected = Assignment {
            partitions,
            has_user_data: false,
        };
        assert_eq!(Assignment::read(&written), Some(expected));
        assert_eq!(assignment_for(&Bytes::new(), &Vec::new()), None);
    }
}
