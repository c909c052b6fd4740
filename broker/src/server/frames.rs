//! Cutting a connection's bytes into frames.

use bytes::{Buf, Bytes, BytesMut};

/// A frame starts with its length.
const LENGTH_BYTES: usize = 4;

/// What a client announced that no broker reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum BadLength {
    #[error("a request of {0} bytes was announced")]
    Negative(i32),
    #[error("a request of {announced} bytes was announced, the most is {max}{}", meant(*announced))]
    TooLong { announced: i32, max: i32 },
}

/// What bytes of another protocol make of a frame's length: anyone who sees it would look for a client with large requests.
fn meant(announced: i32) -> &'static str {
    // A TLS record: a handshake, of version 3.0 to 3.4.
    if matches!(announced.to_be_bytes(), [0x16, 3, 0..=4, _]) {
        return ": these bytes are a TLS ClientHello, and this listener speaks no TLS \
                (security.protocol=PLAINTEXT, or SASL_PLAINTEXT with users)";
    }
    match &announced.to_be_bytes() {
        b"GET " | b"POST" | b"PUT " | b"HEAD" | b"DELE" | b"OPTI" | b"PATC" | b"CONN" => {
            ": these bytes are an HTTP request, and this port speaks Kafka's protocol; HTTP is for the control port"
        }
        _ => "",
    }
}

/// Takes the first frame, without its length, when all of it has arrived. Nothing is reserved for
/// one that has not: the announced length is only a claim.
pub(crate) fn take(buffer: &mut BytesMut, max: i32) -> Result<Option<Bytes>, BadLength> {
    let Some(length) = buffer.first_chunk::<LENGTH_BYTES>() else {
        return Ok(None);
    };
    let announced = i32::from_be_bytes(*length);
    let Ok(length) = usize::try_from(announced) else {
        return Err(BadLength::Negative(announced));
    };
    if announced > max {
        return Err(BadLength::TooLong { announced, max });
    }
    if buffer.len() - LENGTH_BYTES < length {
        return Ok(None);
    }
    buffer.advance(LENGTH_BYTES);
    Ok(Some(buffer.split_to(length).freeze()))
}

/// Whether all of the first frame has arrived.
pub(super) fn has_whole(buffer: &BytesMut) -> bool {
    let length = buffer
        .first_chunk()
        .map(|length| usize::try_from(i32::from_be_bytes(*length)));
    length.is_some_and(|length| length.is_ok_and(|length| length <= buffer.len() - LENGTH_BYTES))
}

/// How much of the first frame has yet to arrive, once its length has.
pub(super) fn missing(buffer: &BytesMut) -> Option<usize> {
    let length = usize::try_from(i32::from_be_bytes(*buffer.first_chunk()?)).ok()?;
    length.checked_sub(buffer.len() - LENGTH_BYTES)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(bytes: &[u8], expected: Result<Option<&[u8]>, BadLength>, left: usize) {
        let mut buffer = BytesMut::from(bytes);
        let frame = take(&mut buffer, 5);
        assert_eq!(
            frame.as_ref().map(|frame| frame.as_deref()),
            expected.as_ref().map(|frame| *frame)
        );
        assert_eq!(buffer.len(), left);
    }

    #[test]
    fn a_frame_is_taken_when_it_is_whole_and_refused_by_its_length() {
        check(&[], Ok(None), 0);
        check(&[0, 0, 0], Ok(None), 3);
        check(&[0, 0, 0, 0], Ok(Some(&[])), 0);
        check(&[0, 0, 0, 2, 7], Ok(None), 5);
        check(&[0, 0, 0, 2, 7, 8, 9], Ok(Some(&[7, 8])), 1);
        check(&[0, 0, 0, 5, 1, 2, 3, 4, 5], Ok(Some(&[1, 2, 3, 4, 5])), 0);
        check(
            &[0, 0, 0, 6],
            Err(BadLength::TooLong {
                announced: 6,
                max: 5,
            }),
            4,
        );
        check(&[255; 4], Err(BadLength::Negative(-1)), 4);
    }

    #[test]
    fn other_protocols_are_named() {
        #[track_caller]
        fn check(bytes: &[u8], words: &str) {
            let refused = take(&mut BytesMut::from(bytes), 100 * 1024 * 1024);
            let why = refused.unwrap_err().to_string();
            assert!(why.contains(words), "{why}");
        }
        check(&[0x16, 3, 1, 2, 0, 1], "TLS ClientHello");
        check(b"GET / HTTP/1.1\r\n", "HTTP request");
        check(b"POST /v1/reset", "HTTP request");
        assert_eq!(meant(0x7000_0000), "");
    }

    #[test]
    fn a_whole_frame_is_seen_with_others_behind_it() {
        let has_whole = |bytes: &[u8]| has_whole(&BytesMut::from(bytes));
        assert!(!has_whole(&[0, 0, 0]));
        assert!(!has_whole(&[0, 0, 0, 2, 1]));
        assert!(has_whole(&[0, 0, 0, 0]));
        assert!(has_whole(&[0, 0, 0, 1, 1]));
        assert!(has_whole(&[0, 0, 0, 1, 1, 0, 0, 0, 9]));
        assert!(!has_whole(&[255; 4]));
    }

    #[test]
    fn what_a_frame_lacks_is_known_with_its_length() {
        let missing = |bytes: &[u8]| missing(&BytesMut::from(bytes));
        assert_eq!(missing(&[0, 0, 0]), None);
        assert_eq!(missing(&[0, 0, 0, 9]), Some(9));
        assert_eq!(missing(&[0, 0, 0, 9, 1, 2]), Some(7));
        assert_eq!(missing(&[0, 0, 0, 1, 1, 2]), None);
        assert_eq!(missing(&[255; 4]), None);
    }
}
