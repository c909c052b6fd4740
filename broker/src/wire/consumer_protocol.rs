//! What consumers tell each other through the group's leader, as far as Kafka reads it.

use bytes::{Buf as _, Bytes};

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

fn take(from: &mut Bytes, length: usize) -> Option<Bytes> {
    (length <= from.len()).then(|| from.split_to(length))
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::topics;

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
}
