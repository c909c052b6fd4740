//! Memory that goes back to the system as soon as nobody has it, whatever the allocator keeps: pages of their own.
//!
//! Records are nearly all that a cluster holds. An allocator gives memory back from its end only, or when it sees fit, so a
//! log that retention has emptied would leave the process as large as it was.

use bytes::Bytes;
use memmap2::MmapMut;

/// Regions shorter than this are left to the allocator, which wastes no page on them.
pub(crate) const PAGES_FROM_BYTES: usize = 64 * 1024;

/// So many bytes, to be filled once and shared then.
#[derive(Debug)]
pub(crate) enum Region {
    Pages(MmapMut),
    Heap(Vec<u8>),
}

impl Region {
    /// That many zeros. Nothing of a long region takes memory before it is written.
    pub(crate) fn zeroed(length: usize) -> Self {
        if length >= PAGES_FROM_BYTES
            // The system may have no more mappings for us, though it has memory.
            && let Ok(pages) = MmapMut::map_anon(length)
        {
            return Self::Pages(pages);
        }
        Self::Heap(vec![0; length])
    }

    pub(crate) fn as_mut_slice(&mut self) -> &mut [u8] {
        match self {
            Self::Pages(pages) => pages,
            Self::Heap(bytes) => bytes,
        }
    }

    pub(crate) fn len(&self) -> usize {
        self.as_ref().len()
    }

    /// To be shared from now on; it goes when the last part of it does.
    pub(crate) fn freeze(self) -> Bytes {
        match self {
            Self::Pages(pages) => Bytes::from_owner(pages),
            Self::Heap(bytes) => bytes.into(),
        }
    }
}

impl AsRef<[u8]> for Region {
    fn as_ref(&self) -> &[u8] {
        match self {
            Self::Pages(pages) => pages,
            Self::Heap(bytes) => bytes,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_regions_have_pages_of_their_own_and_short_ones_none() {
        assert!(matches!(Region::zeroed(PAGES_FROM_BYTES), Region::Pages(_)));
        for length in [0, 5, PAGES_FROM_BYTES - 1] {
            assert!(
                matches!(Region::zeroed(length), Region::Heap(_)),
                "{length}"
            );
        }
    }

    #[test]
    fn what_is_written_is_shared() {
        for length in [5, PAGES_FROM_BYTES + 5] {
            let mut region = Region::zeroed(length);
            assert_eq!(region.len(), length);
            region.as_mut_slice()[..3].copy_from_slice(b"abc");
            let bytes = region.freeze();
            let part = bytes.slice(1..4);
            drop(bytes);
            assert_eq!(&*part, b"bc\0");
        }
    }
}
