//! One compressed block: its literals, and the sequences that are made with them (RFC 8878, 3.1.1.3).

use super::huffman::Table;
use super::huffman_fast::selects_double;
use super::sequences::{self, Sequence, Tables};
use super::{CodecError, corrupt};
use crate::wire::compression::stream::{Unfolded, repeat};

/// The least number of literals that four streams can have.
const FOUR_STREAMS_MIN: usize = 6;
/// How far libzstd copies beyond an end.
const WILD_COPY: usize = 32;

/// What stays from block to block.
#[derive(Debug, Clone, Default)]
pub(super) struct Entropy {
    huffman: Option<Table>,
    tables: Tables,
    literals: Vec<u8>,
}

/// How large a block may be, and how far back it may reach.
#[derive(Debug, Clone, Copy)]
pub(super) struct Limits {
    /// The most that a block of the frame may hold.
    pub(super) block_max: usize,
    /// The room that libzstd has for this one.
    pub(super) room: usize,
    /// A frame that is unfolded at one go may keep its literals behind the block.
    pub(super) at_one_go: bool,
    /// Where the history begins in what was unfolded.
    pub(super) history: usize,
}

/// Where libzstd keeps the literals of a block.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kept {
    InTheBlock,
    Aside,
}

impl Entropy {
    /// Appends what a block unfolds to.
    pub(super) fn unfold(
        &mut self,
        block: &[u8],
        limits: Limits,
        to: &mut Unfolded,
    ) -> Result<(), CodecError> {
        if block.len() > limits.block_max || block.len() < 2 {
            return Err(corrupt());
        }
        self.literals.clear();
        let (rest, kept) = self.read_literals(block, limits)?;
        let literals = self.literals.len();
        let mut room = limits.room;
        if limits.at_one_go
            && kept == Kept::Aside
            && room > limits.block_max + literals + 2 * WILD_COPY
        {
            room = limits.block_max + WILD_COPY;
        }
        let (count, rest) = sequences::count(rest)?;
        let start = to.bytes.len();
        let mut used = 0;
        if count > 0 {
            let rest = self.tables.read(rest)?;
            let literals = &self.literals;
            self.tables.decode(rest, count, |sequence| {
                execute(sequence, literals, &mut used, (start, room), limits, to)
            })?;
        }
        let left = literals.saturating_sub(used);
        if to.bytes.len() - start + left > room {
            return Err(corrupt());
        }
        to.check(left)?;
        let left = self.literals.get(used..).unwrap_or_default();
        to.bytes.extend_from_slice(left);
        Ok(())
    }

    fn read_literals<'a>(
        &mut self,
        block: &'a [u8],
        limits: Limits,
    ) -> Result<(&'a [u8], Kept), CodecError> {
        let head = *block.first().ok_or_else(corrupt)?;
        let max = limits.block_max.min(limits.room);
        match head & 3 {
            0 => {
                let (size, header) = plain_size(block, 0)?;
                let bytes = block.get(header..header + size).ok_or_else(corrupt)?;
                if size > max {
                    return Err(corrupt());
                }
                self.literals.extend_from_slice(bytes);
                let rest = block.get(header + size..).unwrap_or_default();
                let kept = if rest.len() < WILD_COPY {
                    Kept::Aside
                } else {
                    Kept::InTheBlock
                };
                Ok((rest, kept))
            }
            1 => {
                let (size, header) = plain_size(block, 1)?;
                let byte = *block.get(header).ok_or_else(corrupt)?;
                if size > max {
                    return Err(corrupt());
                }
                self.literals.resize(size, byte);
                Ok((block.get(header + 1..).unwrap_or_default(), Kept::Aside))
            }
            kind => Ok((self.read_compressed(block, kind == 3, max)?, Kept::Aside)),
        }
    }

    /// Literals with Huffman codes; `again` are those with the tree of a block before.
    fn read_compressed<'a>(
        &mut self,
        block: &'a [u8],
        again: bool,
        max: usize,
    ) -> Result<&'a [u8], CodecError> {
        if again && self.huffman.is_none() {
            return Err(corrupt());
        }
        let head = block.first_chunk::<5>().ok_or_else(corrupt)?;
        let format = (head[0] >> 2) & 3;
        let head = head
            .iter()
            .rev()
            .fold(0_u64, |value, byte| (value << 8) | u64::from(*byte));
        let (header, width) = match format {
            0 | 1 => (3, 10),
            2 => (4, 14),
            _ => (5, 18),
        };
        let field = |from: u32| usize::try_from((head >> from) & ((1 << width) - 1)).unwrap_or(0);
        let (size, compressed) = (field(4), field(4 + width));
        let is_single = format == 0;
        if size > max || (!is_single && size < FOUR_STREAMS_MIN) {
            return Err(corrupt());
        }
        let mut streams = block.get(header..header + compressed).ok_or_else(corrupt)?;
        let mut read = None;
        if !again {
            let (mut table, bytes) = Table::read(streams)?;
            table.double = !is_single && selects_double(size, compressed);
            streams = streams
                .get(bytes..)
                .filter(|rest| !rest.is_empty())
                .ok_or_else(corrupt)?;
            read = Some(table);
        }
        if let Some(table) = read {
            self.huffman = Some(table);
        }
        let table = self.huffman.as_ref().ok_or_else(corrupt)?;
        self.literals.resize(size, 0);
        if is_single {
            table.decode_one(streams, &mut self.literals)?;
        } else {
            table.decode_four(streams, &mut self.literals)?;
        }
        Ok(block.get(header + compressed..).unwrap_or_default())
    }
}

/// The size of literals without codes and of its field; `behind` bytes must follow that.
fn plain_size(block: &[u8], behind: usize) -> Result<(usize, usize), CodecError> {
    let head = usize::from(*block.first().ok_or_else(corrupt)?);
    let byte = |index: usize| block.get(index).copied().map_or(0, usize::from);
    let (size, header) = match (head >> 2) & 3 {
        1 => ((head >> 4) + (byte(1) << 4), 2),
        3 => ((head >> 4) + (byte(1) << 4) + (byte(2) << 12), 3),
        _ => (head >> 3, 1),
    };
    if block.len() < header + behind {
        return Err(corrupt());
    }
    Ok((size, header))
}

/// Copies a sequence's literals and repeats what it says.
#[inline]
fn execute(
    sequence: Sequence,
    literals: &[u8],
    used: &mut usize,
    (start, room): (usize, usize),
    limits: Limits,
    to: &mut Unfolded,
) -> Result<(), CodecError> {
    let more = sequence.literals.saturating_add(sequence.length);
    if more > room.saturating_sub(to.bytes.len() - start) {
        return Err(corrupt());
    }
    to.check(more)?;
    let end = *used + sequence.literals;
    let copied = literals.get(*used..end).ok_or_else(corrupt)?;
    to.bytes.extend_from_slice(copied);
    *used = end;
    let from = usize::try_from(sequence.distance)
        .ok()
        .and_then(|distance| to.bytes.len().checked_sub(distance))
        .filter(|from| *from >= limits.history)
        .ok_or_else(corrupt)?;
    repeat(&mut to.bytes, from, sequence.length);
    Ok(())
}
