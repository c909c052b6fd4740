//! Bytes in several parts that are sent as one: what was written for an answer, and records as they lie in a log.
//!
//! Records go into an answer by reference, so that an answer of any size costs its message alone. What it refers to
//! stays in memory for as long as it is on its way, though a log may have let go of it.

use std::collections::VecDeque;
use std::io::IoSlice;

use bytes::{BufMut as _, Bytes, BytesMut};

/// A part below this is copied: it would cost more to keep track of than it holds.
const SHARED_BYTES_MIN: usize = 512;

/// Bytes in parts, none of which is empty.
#[derive(Debug, Clone, Default)]
pub(crate) struct Rope {
    parts: VecDeque<Bytes>,
    len: usize,
}

impl Rope {
    pub(crate) const fn len(&self) -> usize {
        self.len
    }

    pub(crate) const fn is_empty(&self) -> bool {
        self.len == 0
    }

    pub(crate) fn parts(&self) -> impl Iterator<Item = &Bytes> {
        self.parts.iter()
    }

    pub(crate) fn push(&mut self, part: Bytes) {
        if !part.is_empty() {
            self.len = self.len.saturating_add(part.len());
            self.parts.push_back(part);
        }
    }

    /// Takes off the first so many bytes, or all if there are fewer.
    pub(crate) fn split_to(&mut self, bytes: usize) -> Self {
        let mut taken = Self::default();
        while taken.len < bytes
            && let Some(mut part) = self.parts.pop_front()
        {
            let rest = part.split_off(part.len().min(bytes - taken.len));
            if !rest.is_empty() {
                self.parts.push_front(rest);
            }
            self.len -= part.len();
            taken.push(part);
        }
        taken
    }

    /// Keeps the first so many bytes.
    pub(crate) fn truncate(&mut self, bytes: usize) {
        if bytes < self.len {
            *self = self.split_to(bytes);
        }
    }

    /// All bits of one byte turned; the part that it is in is copied.
    pub(crate) fn turn(&mut self, mut at: usize) {
        for part in &mut self.parts {
            if at < part.len() {
                let mut copy = BytesMut::from(&**part);
                if let Some(byte) = copy.get_mut(at) {
                    *byte = !*byte;
                }
                *part = copy.freeze();
                return;
            }
            at -= part.len();
        }
    }

    /// What a vectored write takes.
    pub(crate) fn slices(&self) -> Vec<IoSlice<'_>> {
        self.parts.iter().map(|part| IoSlice::new(part)).collect()
    }

    /// All of it in one piece, which is a copy unless it is one already.
    pub(crate) fn to_bytes(&self) -> Bytes {
        let mut parts = self.parts.iter();
        match (parts.next(), parts.next()) {
            (None, _) => Bytes::new(),
            (Some(only), None) => only.clone(),
            (Some(_), Some(_)) => {
                let mut all = BytesMut::with_capacity(self.len);
                self.parts.iter().for_each(|part| all.put_slice(part));
                all.freeze()
            }
        }
    }
}

impl From<Bytes> for Rope {
    fn from(bytes: Bytes) -> Self {
        let mut rope = Self::default();
        rope.push(bytes);
        rope
    }
}

impl PartialEq for Rope {
    fn eq(&self, other: &Self) -> bool {
        let bytes = |rope: &Self| rope.to_bytes();
        self.len == other.len && bytes(self) == bytes(other)
    }
}

/// A rope in the making: bytes that are written, and parts that are put in between.
#[derive(Debug, Default)]
pub(crate) struct RopeMut {
    written: BytesMut,
    /// Each with how much was written before it.
    shared: Vec<(usize, Bytes)>,
    shared_bytes: usize,
}

impl RopeMut {
    pub(crate) fn len(&self) -> usize {
        self.written.len().saturating_add(self.shared_bytes)
    }

    /// What is written, without the parts that are shared.
    #[inline]
    pub(crate) const fn written(&mut self) -> &mut BytesMut {
        &mut self.written
    }

    /// The memory that it holds on to for itself.
    pub(crate) fn capacity(&self) -> usize {
        let part = size_of::<(usize, Bytes)>();
        let shared = self.shared.capacity().saturating_mul(part);
        self.written.capacity().saturating_add(shared)
    }

    pub(crate) fn put(&mut self, part: &Bytes) {
        if part.len() < SHARED_BYTES_MIN {
            self.written.put_slice(part);
        } else {
            self.shared_bytes = self.shared_bytes.saturating_add(part.len());
            self.shared.push((self.written.len(), part.clone()));
        }
    }

    /// Puts all of another behind what there is.
    pub(crate) fn append(&mut self, other: &Self) {
        let before = self.written.len();
        self.written.put_slice(&other.written);
        let shared = other.shared.iter();
        self.shared
            .extend(shared.map(|(at, part)| (before.saturating_add(*at), part.clone())));
        self.shared_bytes = self.shared_bytes.saturating_add(other.shared_bytes);
    }

    /// Forgets everything, and keeps the memory of what was written.
    pub(crate) fn clear(&mut self) {
        self.written.clear();
        self.shared.clear();
        self.shared_bytes = 0;
    }

    /// What a vectored write takes.
    pub(crate) fn slices(&self) -> Vec<IoSlice<'_>> {
        let mut slices = Vec::with_capacity(self.shared.len().saturating_mul(2).saturating_add(1));
        let mut push = |part| {
            if !<[u8]>::is_empty(part) {
                slices.push(IoSlice::new(part));
            }
        };
        let (mut rest, mut before) = (&*self.written, 0);
        for (at, part) in &self.shared {
            let (written, after) = rest.split_at(at - before);
            push(written);
            push(part);
            (rest, before) = (after, *at);
        }
        push(rest);
        slices
    }

    /// A rope of the same parts; what was written is copied.
    pub(crate) fn to_rope(&self) -> Rope {
        let copy = Self {
            written: BytesMut::from(&*self.written),
            shared: self.shared.clone(),
            shared_bytes: self.shared_bytes,
        };
        copy.freeze()
    }

    pub(crate) fn freeze(mut self) -> Rope {
        let mut rope = Rope::default();
        let mut before = 0;
        for (at, part) in self.shared {
            rope.push(self.written.split_to(at - before).freeze());
            rope.push(part);
            before = at;
        }
        rope.push(self.written.freeze());
        rope
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn rope(parts: &[&'static [u8]]) -> Rope {
        let mut rope = Rope::default();
        for part in parts {
            rope.push(Bytes::from_static(part));
        }
        rope
    }

    #[test]
    fn a_rope_is_cut_anywhere() {
        for at in 0..12 {
            let mut rest = rope(&[b"abc", b"", b"d", b"efghi"]);
            let first = rest.split_to(at);
            let (whole, at) = (b"abcdefghi".as_slice(), at.min(9));
            assert_eq!((first.len(), rest.len()), (at, 9 - at));
            assert_eq!(first.to_bytes(), whole[..at]);
            assert_eq!(rest.to_bytes(), whole[at..]);
            assert!(
                first
                    .parts()
                    .chain(rest.parts())
                    .all(|part| !part.is_empty())
            );
        }
    }

    #[test]
    fn a_byte_that_is_turned_is_turned_in_this_rope_alone() {
        let log = Bytes::from_static(b"defg");
        for (at, expected) in [(2, b"ab\x9cdefg"), (3, b"abc\x9befg"), (9, b"abcdefg")] {
            let mut turned = rope(&[b"abc"]);
            turned.push(log.clone());
            turned.turn(at);
            assert_eq!(turned.to_bytes(), expected.as_slice());
        }
        assert_eq!(log, "defg");
    }

    #[test]
    fn large_parts_are_shared_and_small_ones_copied() {
        let log = Bytes::from(vec![7; SHARED_BYTES_MIN * 2]);
        let mut made = RopeMut::default();
        made.put(&log.slice(..SHARED_BYTES_MIN - 1));
        made.put(&log.slice(..SHARED_BYTES_MIN));
        let shared = |part: &[u8]| log.as_ptr_range().contains(&part.as_ptr());
        let is_shared: Vec<_> = made.slices().iter().map(|part| shared(part)).collect();
        assert_eq!(is_shared, [false, true]);
        made.clear();
        assert_eq!((made.len(), made.slices().len()), (0, 0));
        assert!(log.is_unique(), "nothing holds on to what was sent");
    }

    proptest! {
        #![proptest_config(crate::property::cases(256))]

        #[test]
        fn what_is_put_together_comes_out_in_order(
            parts in proptest::collection::vec((0..2 * SHARED_BYTES_MIN, any::<u8>(), any::<bool>()), 0..12),
        ) {
            let (mut expected, mut made) = (Vec::new(), RopeMut::default());
            for (len, byte, written) in parts {
                let part = vec![byte; len];
                expected.extend_from_slice(&part);
                if written {
                    made.written().put_slice(&part);
                } else {
                    made.put(&part.into());
                }
            }
            let mut twice = RopeMut::default();
            twice.append(&made);
            twice.append(&made);
            prop_assert_eq!(made.len(), expected.len());
            let sent: Vec<u8> = made.slices().iter().flat_map(|part| part.to_vec()).collect();
            prop_assert_eq!(&sent, &expected);
            prop_assert_eq!(made.to_rope().to_bytes(), &expected);
            prop_assert_eq!(made.freeze().to_bytes(), &expected);
            prop_assert_eq!(twice.freeze().to_bytes(), [&*expected, &*expected].concat());
        }
    }
}
