//! What has arrived of a connection and is not taken yet.

use bytes::{Bytes, BytesMut};

use super::frames::{self, BadLength};
use crate::wire::region::Region;

/// Room that a read has at least.
const READ_BYTES: usize = 8 * 1024;
/// A frame longer than this gets memory of its own: its records stay there.
const LONG_FRAME_BYTES: usize = 64 * 1024;
/// How many times what has arrived of a frame may be reserved for the rest of it.
const GROWTH: usize = 16;

/// Bytes in the order in which they came. It grows with what has arrived, never with what was announced alone.
#[derive(Debug, Default)]
pub(super) struct Inbox {
    /// Frames, and the beginning of one.
    short: BytesMut,
    /// The beginning of a long frame, read to its end and not beyond.
    long: Option<Box<LongFrame>>,
}

/// A frame without its length.
#[derive(Debug)]
struct LongFrame {
    announced: i32,
    length: usize,
    region: Region,
    filled: usize,
}

/// Where to read to.
#[derive(Debug)]
pub(super) enum Room<'a> {
    Buffer(&'a mut BytesMut),
    Frame(&'a mut [u8]),
}

impl Inbox {
    pub(super) fn len(&self) -> usize {
        self.short.len() + self.long.as_ref().map_or(0, |long| long.filled)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Lets go of its memory.
    pub(super) fn clear(&mut self) {
        *self = Self::default();
    }

    /// Takes the first frame, without its length, when all of it has arrived.
    pub(super) fn take(&mut self, max: i32) -> Result<Option<Bytes>, BadLength> {
        let Some(long) = &self.long else {
            return frames::take(&mut self.short, max);
        };
        let announced = long.announced;
        if announced > max {
            return Err(BadLength::TooLong { announced, max });
        }
        if long.filled < long.length {
            return Ok(None);
        }
        Ok(self.long.take().map(|long| long.region.freeze()))
    }

    /// Whether there is a whole frame that can be taken.
    pub(super) fn has_whole(&self) -> bool {
        let long = self.long.as_ref();
        long.map_or_else(
            || frames::has_whole(&self.short),
            |long| long.filled >= long.length,
        )
    }

    /// Makes room to read into.
    pub(super) fn room(&mut self) -> Room<'_> {
        if self.long.is_none() {
            self.long = LongFrame::begun_in(&mut self.short);
        }
        match &mut self.long {
            Some(long) if long.filled < long.length => Room::Frame(long.room()),
            Some(_) | None => {
                if self.short.capacity() - self.short.len() < READ_BYTES {
                    self.short.reserve(READ_BYTES);
                }
                Room::Buffer(&mut self.short)
            }
        }
    }

    /// So much was read to a frame's room.
    pub(super) fn note_read(&mut self, bytes: usize) {
        if let Some(long) = &mut self.long {
            long.filled += bytes;
        }
    }
}

impl LongFrame {
    /// Takes the beginning of a long frame out of a buffer, if that is all there is in it.
    fn begun_in(buffer: &mut BytesMut) -> Option<Box<Self>> {
        let missing = frames::missing(buffer).filter(|missing| *missing > 0)?;
        let (announced, arrived) = buffer.split_first_chunk()?;
        let (announced, filled) = (i32::from_be_bytes(*announced), arrived.len());
        let length = filled.checked_add(missing)?;
        // Room for little would be copied again at once.
        if length <= LONG_FRAME_BYTES || filled == 0 {
            return None;
        }
        let mut region = Region::zeroed(length.min(filled.max(READ_BYTES).saturating_mul(GROWTH)));
        copy_into(&mut region, arrived);
        *buffer = BytesMut::new();
        Some(Box::new(Self {
            announced,
            length,
            region,
            filled,
        }))
    }

    fn room(&mut self) -> &mut [u8] {
        let filled = self.filled;
        if filled == self.region.len() {
            let mut grown = Region::zeroed(self.length.min(filled.saturating_mul(GROWTH)));
            copy_into(&mut grown, self.region.as_ref());
            self.region = grown;
        }
        let region = self.region.as_mut_slice();
        region.get_mut(filled..).unwrap_or_default()
    }
}

fn copy_into(region: &mut Region, bytes: &[u8]) {
    if let Some(beginning) = region.as_mut_slice().get_mut(..bytes.len()) {
        beginning.copy_from_slice(bytes);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Reads bytes as a socket would that has all of them, and takes what frames there are.
    fn frames_of(mut bytes: &[u8], at_once: usize) -> Vec<Bytes> {
        let mut inbox = Inbox::default();
        let mut frames = Vec::new();
        while !bytes.is_empty() {
            let read = match inbox.room() {
                Room::Buffer(buffer) => {
                    let room = buffer.capacity() - buffer.len();
                    let read = room.min(at_once).min(bytes.len());
                    buffer.extend_from_slice(&bytes[..read]);
                    read
                }
                Room::Frame(room) => {
                    let read = room.len().min(at_once).min(bytes.len());
                    room[..read].copy_from_slice(&bytes[..read]);
                    inbox.note_read(read);
                    read
                }
            };
            assert!(read > 0);
            bytes = &bytes[read..];
            while let Some(frame) = inbox.take(i32::MAX).unwrap() {
                frames.push(frame);
            }
        }
        assert!(inbox.is_empty());
        frames
    }

    #[test]
    fn frames_of_any_length_come_in_any_pieces() {
        let lengths = [
            0, 1, 70_000, 3, 65_536, 65_537, 8_188, 400_000, 5_000_000, 9,
        ];
        let mut bytes = Vec::new();
        let mut expected = Vec::new();
        for (fill, length) in (1_u8..).zip(lengths) {
            bytes.extend(u32::try_from(length).unwrap().to_be_bytes());
            bytes.resize(bytes.len() + length, fill);
            expected.push(vec![fill; length]);
        }
        for at_once in [977, 8_192, 100_000, usize::MAX] {
            assert!(
                frames_of(&bytes, at_once) == expected,
                "{at_once} bytes at once"
            );
        }
    }

    #[test]
    fn a_long_frame_takes_room_by_what_has_arrived() {
        let mut inbox = Inbox::default();
        let Room::Buffer(buffer) = inbox.room() else {
            panic!("nothing is known of a frame");
        };
        buffer.extend_from_slice(&[0x04, 0, 0, 0, 1, 2, 3]);
        let Room::Frame(room) = inbox.room() else {
            panic!("it is long");
        };
        assert_eq!(room.len(), READ_BYTES * GROWTH - 3);
        assert_eq!(inbox.take(i32::MAX), Ok(None));
        assert_eq!(inbox.len(), 3);
        let refused = BadLength::TooLong {
            announced: 0x0400_0000,
            max: 1000,
        };
        assert_eq!(inbox.take(1000), Err(refused));
    }
}
