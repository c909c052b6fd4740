//! FSE tables: their descriptions, and the tables themselves (RFC 8878, 4.1).

use super::{CodecError, corrupt};

/// The smallest accuracy that a description can give.
const LOG_MIN: u32 = 5;
/// The largest that a description may give; each use has a smaller maximum of its own.
const LOG_MAX: u32 = 15;

/// How often each symbol occurs, in shares of `1 << log`; -1 is less than one.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Counts {
    pub(super) counts: Vec<i16>,
    pub(super) log: u32,
    /// Bytes of the description.
    pub(super) bytes: usize,
}

/// Where `FSE_readNCount` is in a description: 32 bits from a byte on, of which some are gone. Near the end the
/// last four bytes are loaded again and again.
struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
    gone: u32,
    bits: u32,
}

impl Reader<'_> {
    fn load(&mut self) {
        let chunk = self.bytes.get(self.at..).and_then(<[u8]>::first_chunk::<4>);
        self.bits = chunk.map_or(0, |chunk| u32::from_le_bytes(*chunk)) >> self.gone;
    }

    fn advance(&mut self) {
        let step = usize::try_from(self.gone >> 3).unwrap_or_default();
        let end = self.bytes.len();
        if self.at + 7 <= end || self.at + step + 4 <= end {
            self.at += step;
            self.gone &= 7;
        } else {
            self.load_the_end(4);
        }
        self.load();
    }

    fn load_the_end(&mut self, before: usize) {
        let distance = (self.bytes.len() - before).wrapping_sub(self.at);
        let bits = u32::try_from(distance & 0xffff).unwrap_or_default() << 3;
        self.gone = self.gone.wrapping_sub(bits) & 31;
        self.at = self.bytes.len() - 4;
    }

    /// The symbols that a run of zeros skips.
    fn zeros(&mut self) -> usize {
        let mut skipped = 0;
        let mut repeats = self.repeats();
        while repeats >= 12 {
            skipped += 36;
            if self.at + 7 <= self.bytes.len() {
                self.at += 3;
            } else {
                self.load_the_end(7);
            }
            self.load();
            repeats = self.repeats();
        }
        self.bits >>= 2 * repeats;
        self.gone += 2 * repeats + 2;
        skipped + usize::try_from(3 * repeats + (self.bits & 3)).unwrap_or_default()
    }

    const fn repeats(&self) -> u32 {
        (!self.bits | 0x8000_0000).trailing_zeros() >> 1
    }
}

/// Reads a description of at most `symbols` symbols, as `FSE_readNCount` does.
pub(super) fn read_counts(from: &[u8], symbols: usize) -> Result<Counts, CodecError> {
    if from.len() < 8 {
        let mut padded = [0; 8];
        for (to, byte) in padded.iter_mut().zip(from) {
            *to = *byte;
        }
        let read = read_counts(&padded, symbols)?;
        return if read.bytes > from.len() {
            Err(corrupt())
        } else {
            Ok(read)
        };
    }
    let mut reader = Reader {
        bytes: from,
        at: 0,
        gone: 0,
        bits: 0,
    };
    reader.load();
    let log = (reader.bits & 15) + LOG_MIN;
    if log > LOG_MAX {
        return Err(corrupt());
    }
    reader.bits >>= 4;
    reader.gone = 4;
    let counts = read_each(&mut reader, symbols, log)?;
    let bytes = reader.at + usize::try_from(reader.gone.div_ceil(8)).unwrap_or_default();
    Ok(Counts { counts, log, bytes })
}

fn read_each(reader: &mut Reader<'_>, symbols: usize, log: u32) -> Result<Vec<i16>, CodecError> {
    let mut counts = Vec::with_capacity(symbols);
    let mut remaining = (1_i32 << log) + 1;
    let mut threshold = 1_i32 << log;
    let mut width = log + 1;
    let mut after_zero = false;
    loop {
        if after_zero {
            let skipped = counts.len() + reader.zeros();
            if skipped >= symbols {
                return Err(corrupt());
            }
            counts.resize(skipped, 0);
            reader.advance();
        }
        let max = (2 * threshold - 1) - remaining;
        let bits = reader.bits.cast_signed();
        let short = bits & (threshold - 1);
        let mut count = short;
        if short < max {
            reader.gone += width - 1;
        } else {
            count = bits & (2 * threshold - 1);
            if count >= threshold {
                count -= max;
            }
            reader.gone += width;
        }
        count -= 1;
        remaining -= count.abs();
        counts.push(i16::try_from(count).map_err(|_| corrupt())?);
        after_zero = count == 0;
        if remaining < threshold {
            if remaining <= 1 {
                break;
            }
            width = remaining.ilog2() + 1;
            threshold = 1 << (width - 1);
        }
        if counts.len() >= symbols {
            break;
        }
        reader.advance();
    }
    if remaining == 1 && reader.gone <= 32 {
        Ok(counts)
    } else {
        Err(corrupt())
    }
}

/// A state of a decoder: its symbol, and how the next state is found.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct State {
    pub(super) symbol: u8,
    pub(super) bits: u8,
    pub(super) next: u16,
}

/// The states of a table whose counts have been checked.
pub(super) fn states(counts: &[i16], log: u32) -> Result<Vec<State>, CodecError> {
    let size = 1_usize << log;
    let mut states = vec![State::default(); size];
    let mut next = vec![0_u16; counts.len()];
    let mut high = size;
    for ((symbol, count), next) in (0_u8..=255).zip(counts).zip(&mut next) {
        if *count == -1 {
            high = high.checked_sub(1).ok_or_else(corrupt)?;
            states.get_mut(high).ok_or_else(corrupt)?.symbol = symbol;
            *next = 1;
        } else {
            *next = count.cast_unsigned();
        }
    }
    let step = (size >> 1) + (size >> 3) + 3;
    let mut at = 0;
    for (symbol, count) in (0_u8..=255).zip(counts) {
        for _ in 0..*count {
            states.get_mut(at).ok_or_else(corrupt)?.symbol = symbol;
            at = (at + step) & (size - 1);
            while at >= high && high > 0 {
                at = (at + step) & (size - 1);
            }
        }
    }
    for state in &mut states {
        let next = next
            .get_mut(usize::from(state.symbol))
            .ok_or_else(corrupt)?;
        let number = u32::from(*next);
        *next += 1;
        let bits = log - number.checked_ilog2().ok_or_else(corrupt)?;
        state.bits = u8::try_from(bits).map_err(|_| corrupt())?;
        state.next = u16::try_from((number << bits) - (1 << log)).map_err(|_| corrupt())?;
    }
    Ok(states)
}
