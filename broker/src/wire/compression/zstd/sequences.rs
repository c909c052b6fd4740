//! Sequences: how many literals are copied, and what is repeated behind them (RFC 8878, 3.1.1.3.2).

use super::bits::BackwardBits;
use super::{CodecError, corrupt, fse};

/// What stands for one value of a code: a base, and how many bits are added to it.
#[derive(Debug, Clone, Copy, Default)]
struct Cell {
    base: u32,
    next: u16,
    added: u8,
    bits: u8,
}

/// The table of one of the three codes.
#[derive(Debug, Clone, Default)]
struct Table {
    cells: Vec<Cell>,
    log: u32,
}

impl Table {
    fn of(counts: &[i16], log: u32, kind: &Kind) -> Result<Self, CodecError> {
        let cells = fse::states(counts, log)?
            .into_iter()
            .map(|state| {
                let (base, added) = kind.code(state.symbol).ok_or_else(corrupt)?;
                Ok(Cell {
                    base,
                    next: state.next,
                    added,
                    bits: state.bits,
                })
            })
            .collect::<Result<_, CodecError>>()?;
        Ok(Self { cells, log })
    }

    #[inline]
    fn cell(&self, index: u64) -> Cell {
        let index = usize::try_from(index).unwrap_or_default();
        self.cells.get(index).copied().unwrap_or_default()
    }
}

/// One of the three codes: its symbols, its default table, the largest accuracy.
struct Kind {
    code: fn(u8) -> (u32, u8),
    max: u8,
    default: &'static [i16],
    default_log: u32,
    log_max: u32,
}

impl Kind {
    fn code(&self, symbol: u8) -> Option<(u32, u8)> {
        (symbol <= self.max).then(|| (self.code)(symbol))
    }
}

const LITERALS: Kind = Kind {
    code: literals_code,
    max: 35,
    default: &[
        4, 3, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 1, 1, 1, 2, 2, 2, 2, 2, 2, 2, 2, 2, 3, 2, 1, 1, 1,
        1, 1, -1, -1, -1, -1,
    ],
    default_log: 6,
    log_max: 9,
};
const OFFSETS: Kind = Kind {
    code: offset_code,
    max: 31,
    default: &[
        1, 1, 1, 1, 1, 1, 2, 2, 2, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, -1, -1, -1, -1, -1,
    ],
    default_log: 5,
    log_max: 8,
};
const MATCHES: Kind = Kind {
    code: match_code,
    max: 52,
    default: &[
        1, 4, 3, 2, 2, 2, 2, 2, 2, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1,
        1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, -1, -1, -1, -1, -1, -1, -1,
    ],
    default_log: 6,
    log_max: 9,
};

/// The added bits of the codes from 16 on.
const LITERALS_ADDED: [u8; 20] = [
    1, 1, 1, 1, 2, 2, 3, 3, 4, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16,
];
/// The same from 32 on.
const MATCH_ADDED: [u8; 21] = [
    1, 1, 1, 1, 2, 2, 3, 3, 4, 4, 5, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16,
];

fn stepped(code: u8, first: u8, added: &[u8]) -> (u32, u8) {
    let Some(index) = code.checked_sub(first) else {
        return (u32::from(code), 0);
    };
    let index = usize::from(index);
    let before = added.iter().take(index);
    let base = before.fold(u32::from(first), |base, bits| base + (1 << bits));
    (base, added.get(index).copied().unwrap_or_default())
}

fn literals_code(code: u8) -> (u32, u8) {
    stepped(code, 16, &LITERALS_ADDED)
}

fn match_code(code: u8) -> (u32, u8) {
    let (base, added) = stepped(code, 32, &MATCH_ADDED);
    (base + 3, added)
}

fn offset_code(code: u8) -> (u32, u8) {
    match code {
        0 => (0, 0),
        1 => (1, 1),
        _ => ((1 << code) - 3, code),
    }
}

/// What stays from block to block: the tables, and the last three distances.
#[derive(Debug, Clone)]
pub(super) struct Tables {
    literals: Table,
    offsets: Table,
    matches: Table,
    /// A block before has had sequences, so tables can be used again.
    known: bool,
    recent: [u64; 3],
}

impl Default for Tables {
    fn default() -> Self {
        Self {
            literals: Table::default(),
            offsets: Table::default(),
            matches: Table::default(),
            known: false,
            recent: [1, 4, 8],
        }
    }
}

/// A sequence.
#[derive(Debug, Clone, Copy)]
pub(super) struct Sequence {
    pub(super) literals: usize,
    pub(super) length: usize,
    pub(super) distance: u64,
}

/// How many sequences a block has, and what is left of the block behind that number.
pub(super) fn count(from: &[u8]) -> Result<(usize, &[u8]), CodecError> {
    let (&first, mut rest) = from.split_first().ok_or_else(corrupt)?;
    let count = match first {
        0..=127 => usize::from(first),
        255 => {
            let (bytes, left) = rest.split_first_chunk::<2>().ok_or_else(corrupt)?;
            rest = left;
            usize::from(u16::from_le_bytes(*bytes)) + 0x7f00
        }
        _ => {
            let (&byte, left) = rest.split_first().ok_or_else(corrupt)?;
            rest = left;
            (usize::from(first - 128) << 8) + usize::from(byte)
        }
    };
    if count == 0 && !rest.is_empty() {
        return Err(corrupt());
    }
    Ok((count, rest))
}

impl Tables {
    /// Reads the tables of a block with sequences, and gives what follows them.
    pub(super) fn read<'a>(&mut self, from: &'a [u8]) -> Result<&'a [u8], CodecError> {
        let (&modes, mut rest) = from.split_first().ok_or_else(corrupt)?;
        if modes & 3 != 0 {
            return Err(corrupt());
        }
        let known = self.known;
        update(&mut self.literals, modes >> 6, &LITERALS, known, &mut rest)?;
        update(&mut self.offsets, modes >> 4, &OFFSETS, known, &mut rest)?;
        update(&mut self.matches, modes >> 2, &MATCHES, known, &mut rest)?;
        Ok(rest)
    }

    /// Decodes `count` sequences, each handed to `each`. The bits must be used up with the last.
    pub(super) fn decode(
        &mut self,
        from: &[u8],
        count: usize,
        mut each: impl FnMut(Sequence) -> Result<(), CodecError>,
    ) -> Result<(), CodecError> {
        self.known = true;
        let mut bits = BackwardBits::new(from).ok_or_else(corrupt)?;
        let mut literals = self.literals.cell(bits.read(self.literals.log));
        let mut offset = self.offsets.cell(bits.read(self.offsets.log));
        let mut length = self.matches.cell(bits.read(self.matches.log));
        bits.reload();
        let mut recent = self.recent;
        for left in (0..count).rev() {
            let added = bits.read(u32::from(offset.added));
            let distance = distance(&mut recent, offset, added, literals.base == 0);
            let added = bits.read(u32::from(length.added));
            let match_length = u64::from(length.base) + added;
            if literals.added + length.added + offset.added >= 31 {
                bits.reload();
            }
            let literal_length = u64::from(literals.base) + bits.read(u32::from(literals.added));
            if left > 0 {
                literals = self.literals.cell(next(&mut bits, literals));
                length = self.matches.cell(next(&mut bits, length));
                offset = self.offsets.cell(next(&mut bits, offset));
                bits.reload();
            }
            each(Sequence {
                literals: usize::try_from(literal_length).unwrap_or(usize::MAX),
                length: usize::try_from(match_length).unwrap_or(usize::MAX),
                distance,
            })?;
        }
        if !bits.is_exhausted() {
            return Err(corrupt());
        }
        self.recent = recent;
        Ok(())
    }
}

#[inline]
fn next(bits: &mut BackwardBits<'_>, cell: Cell) -> u64 {
    u64::from(cell.next) + bits.read(u32::from(cell.bits))
}

/// The distance that a code means; the three last ones have short codes.
#[inline]
fn distance(recent: &mut [u64; 3], code: Cell, added: u64, without_literals: bool) -> u64 {
    let [first, second, third] = *recent;
    if code.added > 1 {
        let distance = u64::from(code.base) + added;
        *recent = [distance, first, second];
        return distance;
    }
    let shifted = u64::from(without_literals);
    match u64::from(code.base) + added + shifted {
        0 => first,
        1 => {
            *recent = [second, first, third];
            second
        }
        2 => {
            *recent = [third, first, second];
            third
        }
        _ => {
            // No distance is 0; what would be one is too far.
            let distance = first.checked_sub(1).filter(|d| *d > 0).unwrap_or(u64::MAX);
            *recent = [distance, first, second];
            distance
        }
    }
}

fn update(
    table: &mut Table,
    mode: u8,
    kind: &Kind,
    known: bool,
    from: &mut &[u8],
) -> Result<(), CodecError> {
    match mode & 3 {
        0 => *table = Table::of(kind.default, kind.default_log, kind)?,
        1 => {
            let (&symbol, rest) = from.split_first().ok_or_else(corrupt)?;
            *from = rest;
            let (base, added) = kind.code(symbol).ok_or_else(corrupt)?;
            let only = Cell {
                base,
                added,
                ..Cell::default()
            };
            *table = Table {
                cells: vec![only],
                log: 0,
            };
        }
        2 => {
            let read = fse::read_counts(from, usize::from(kind.max) + 1)?;
            if read.log > kind.log_max {
                return Err(corrupt());
            }
            *from = from.get(read.bytes..).ok_or_else(corrupt)?;
            *table = Table::of(&read.counts, read.log, kind)?;
        }
        _ if known => {}
        _ => return Err(corrupt()),
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_cover_all_lengths_without_a_gap() {
        for (kind, from) in [(&LITERALS, 0), (&MATCHES, 3)] {
            let mut next = from;
            for code in 0..=kind.max {
                let (base, added) = kind.code(code).unwrap();
                assert_eq!(base, next, "{code}");
                next = base + (1 << added);
            }
        }
        assert_eq!(offset_code(2), (1, 2));
        assert_eq!(offset_code(5), (29, 5));
    }
}
