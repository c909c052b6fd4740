//! Huffman trees, and the literals that are written with them one by one (RFC 8878, 4.2).

use super::bits::BackwardBits;
use super::{CodecError, corrupt, fse};

/// The longest code that libzstd takes; the format has 11.
const LOG_MAX: u32 = 12;
/// Tables are made at least as large, so that one lookup finds any code.
pub(super) const LOG_FAST: u32 = 11;
/// The accuracy of the FSE table that weights are written with.
const WEIGHTS_LOG_MAX: u32 = 6;
/// The workspace that libzstd has for that table, in words; it holds few symbols.
const WORKSPACE_WORDS: usize = 219;
/// The most weights that are written; the last is not.
const WEIGHTS_MAX: usize = 255;

/// What each value of the next `log` bits stands for.
#[derive(Debug, Clone)]
pub(super) struct Table {
    /// The symbol in the upper byte, the length of its code in the lower.
    entries: Vec<u16>,
    pub(super) log: u32,
    /// libzstd reads this table two symbols at a time, which decides what it takes of damaged literals.
    pub(super) double: bool,
}

impl Table {
    /// Reads a tree, and says how many bytes describe it.
    pub(super) fn read(from: &[u8]) -> Result<(Self, usize), CodecError> {
        let (&head, rest) = from.split_first().ok_or_else(corrupt)?;
        let head = usize::from(head);
        let (mut weights, bytes) = if head >= 128 {
            let count = head - 127;
            let bytes = count.div_ceil(2);
            let packed = rest.get(..bytes).ok_or_else(corrupt)?;
            let halves = packed.iter().flat_map(|byte| [byte >> 4, byte & 15]);
            (halves.take(count).collect(), bytes)
        } else {
            (unfold_weights(rest.get(..head).ok_or_else(corrupt)?)?, head)
        };
        let log = complete(&mut weights)?;
        Ok((Self::of(&weights, log), bytes + 1))
    }

    fn of(weights: &[u8], log: u32) -> Self {
        let table_log = log.max(LOG_FAST);
        let mut entries = Vec::with_capacity(1 << table_log);
        for weight in 1..=log {
            let length = log + 1 - weight;
            let span = 1_usize << (table_log - length);
            for (symbol, own) in (0_u16..=255).zip(weights) {
                if u32::from(*own) == weight {
                    let length = u16::try_from(length).unwrap_or_default();
                    entries.resize(entries.len() + span, (symbol << 8) | length);
                }
            }
        }
        Self {
            entries,
            log: table_log,
            double: false,
        }
    }

    /// What the bits `value` begin with: a symbol, and the length of its code.
    #[inline]
    pub(super) fn entry(&self, value: u64) -> (u8, u32) {
        let index = usize::try_from(value).unwrap_or_default();
        let entry = self.entries.get(index).copied().unwrap_or_default();
        let [length, symbol] = entry.to_le_bytes();
        (symbol, u32::from(length))
    }

    #[inline]
    pub(super) fn next(&self, bits: &mut BackwardBits<'_>) -> u8 {
        let (symbol, length) = self.entry(bits.peek(self.log));
        bits.skip(length);
        symbol
    }

    /// Fills `to`, whatever the bits are.
    pub(super) fn fill(&self, bits: &mut BackwardBits<'_>, to: &mut [u8]) {
        let mut fours = to.chunks_exact_mut(4);
        for four in &mut fours {
            bits.reload();
            for byte in four {
                *byte = self.next(bits);
            }
        }
        bits.reload();
        for byte in fours.into_remainder() {
            *byte = self.next(bits);
        }
    }
}

/// Weights that are written with FSE: two states take turns until the bits are used up.
fn unfold_weights(from: &[u8]) -> Result<Vec<u8>, CodecError> {
    let read = fse::read_counts(from, 256)?;
    let words = (1 << read.log) + 2 + (2 * read.counts.len() + (1 << read.log) + 11) / 4 + 129;
    if read.log > WEIGHTS_LOG_MAX || words > WORKSPACE_WORDS {
        return Err(corrupt());
    }
    let states = fse::states(&read.counts, read.log)?;
    let stream = from.get(read.bytes..).ok_or_else(corrupt)?;
    let mut bits = BackwardBits::new(stream).ok_or_else(corrupt)?;
    let state = |index: u64| {
        let index = usize::try_from(index).unwrap_or_default();
        states.get(index).copied().unwrap_or_default()
    };
    let mut first = state(bits.read(read.log));
    let mut second = state(bits.read(read.log));
    bits.reload();
    if bits.is_overrun() {
        return Err(corrupt());
    }
    let mut weights = Vec::with_capacity(WEIGHTS_MAX);
    loop {
        if weights.len() + 2 > WEIGHTS_MAX {
            return Err(corrupt());
        }
        weights.push(first.symbol);
        first = state(u64::from(first.next) + bits.read(u32::from(first.bits)));
        bits.reload();
        std::mem::swap(&mut first, &mut second);
        if bits.is_overrun() {
            weights.push(first.symbol);
            return Ok(weights);
        }
    }
}

/// Adds the weight that is not written, and says how long the longest code is.
fn complete(weights: &mut Vec<u8>) -> Result<u32, CodecError> {
    let mut total = 0_u32;
    for weight in weights.iter() {
        if u32::from(*weight) > LOG_MAX {
            return Err(corrupt());
        }
        total += (1 << *weight) >> 1;
    }
    let log = total.checked_ilog2().ok_or_else(corrupt)? + 1;
    if log > LOG_MAX {
        return Err(corrupt());
    }
    let rest = (1 << log) - total;
    let last = rest.ilog2() + 1;
    if !rest.is_power_of_two() {
        return Err(corrupt());
    }
    weights.push(u8::try_from(last).map_err(|_| corrupt())?);
    let longest = weights.iter().filter(|weight| **weight == 1).count();
    if longest < 2 || longest % 2 == 1 {
        return Err(corrupt());
    }
    Ok(log)
}
