//! What libzstd makes of damaged Huffman streams. Its decoders look ahead, and check less than the format asks:
//!
//! - The fast loops for four streams, with which it starts where every stream has 8 bytes and codes have at most 11
//!   bits, do not check that a stream was used up.
//! - The decoders that find two symbols at a time stop in the middle of a pair, and take what its second half leaves
//!   for the end of the stream.
//!
//! So some damage gives other bytes, and no error. This is the slow way, for streams that are not as they should be.

use super::bits::BackwardBits;
use super::huffman::{LOG_FAST, Table};
use super::{CodecError, corrupt};

/// Measured times of libzstd's two decoders by how well the literals are compressed, in sixteenths: what a table
/// costs, and 256 symbols, for one symbol at a time and for two.
const TIMES: [[(usize, usize); 2]; 16] = [
    [(0, 0), (1, 1)],
    [(0, 0), (1, 1)],
    [(150, 216), (381, 119)],
    [(170, 205), (514, 112)],
    [(177, 199), (539, 110)],
    [(197, 194), (644, 107)],
    [(221, 192), (735, 107)],
    [(256, 189), (881, 106)],
    [(359, 188), (1167, 109)],
    [(582, 187), (1570, 114)],
    [(688, 187), (1712, 122)],
    [(825, 186), (1965, 136)],
    [(976, 185), (2131, 150)],
    [(1180, 186), (2070, 175)],
    [(1377, 185), (1731, 202)],
    [(1412, 185), (1695, 202)],
];

/// Whether libzstd decodes four streams two symbols at a time (`HUF_selectDecoder`).
pub(super) fn selects_double(literals: usize, compressed: usize) -> bool {
    let share = if compressed >= literals {
        15
    } else {
        compressed * 16 / literals
    };
    let Some([(table, symbols), (double_table, double_symbols)]) = TIMES.get(share) else {
        return false;
    };
    let single = table + symbols * (literals >> 8);
    let double = double_table + double_symbols * (literals >> 8);
    double + (double >> 5) < single
}

/// A lookup of libzstd's table for two symbols: one or two of them, and the bits they take.
fn pair(table: &Table, value: u64) -> (u8, Option<u8>, u32) {
    let (first, length) = table.entry(value);
    let mask = (1 << table.log) - 1;
    let (second, second_length) = table.entry((value << length) & mask);
    if length + second_length <= table.log {
        (first, Some(second), length + second_length)
    } else {
        (first, None, length)
    }
}

/// Fills `to` two symbols at a time, as `HUF_decodeStreamX2` does; `exactly` asks for the end of the stream.
pub(super) fn double_to_the_end(
    table: &Table,
    bits: &mut BackwardBits<'_>,
    to: &mut [u8],
    exactly: bool,
) -> Result<(), CodecError> {
    let mut done = 0;
    while done + 2 <= to.len() {
        bits.reload();
        let (first, second, length) = pair(table, bits.peek(table.log));
        bits.skip(length);
        put(to, done, first);
        done += 1;
        if let Some(second) = second {
            put(to, done, second);
            done += 1;
        }
    }
    if done < to.len() {
        bits.reload();
        let (first, second, length) = pair(table, bits.peek(table.log));
        put(to, done, first);
        if second.is_none() {
            bits.skip(length);
        } else if bits.consumed() < u64::BITS {
            bits.skip(length);
            if bits.is_overrun() {
                bits.drain();
            }
        }
    }
    if exactly && !bits.is_exhausted() {
        return Err(corrupt());
    }
    Ok(())
}

fn put(to: &mut [u8], at: usize, byte: u8) {
    if let Some(place) = to.get_mut(at) {
        *place = byte;
    }
}

/// A stream in the fast loop: a window of 64 bits whose lowest set bit marks what is gone.
#[derive(Clone, Copy)]
struct Lane {
    at: usize,
    bits: u64,
    /// Where the next literal goes, and where the lane's literals end.
    to: usize,
    end: usize,
}

impl Lane {
    fn reload(&mut self, from: &[u8]) {
        let gone = self.bits.trailing_zeros();
        self.at = self
            .at
            .saturating_sub(usize::try_from(gone >> 3).unwrap_or_default());
        self.bits = (load(from, self.at) | 1) << (gone & 7);
    }
}

fn load(from: &[u8], at: usize) -> u64 {
    from.get(at..)
        .and_then(<[u8]>::first_chunk::<8>)
        .map_or(0, |chunk| u64::from_le_bytes(*chunk))
}

/// Four streams that did not end where they should.
pub(super) fn decode_four(
    table: &Table,
    from: &[u8],
    streams: [&[u8]; 4],
    to: &mut [u8],
) -> Result<(), CodecError> {
    let quarter = to.len().div_ceil(4);
    let is_fast = table.log == LOG_FAST
        && streams.iter().all(|stream| stream.len() >= 8)
        && 3 * quarter < to.len();
    if !is_fast {
        if !table.double {
            return Err(corrupt());
        }
        for (stream, part) in streams.into_iter().zip(to.chunks_mut(quarter)) {
            let mut bits = BackwardBits::new(stream).ok_or_else(corrupt)?;
            double_to_the_end(table, &mut bits, part, true)?;
        }
        return Ok(());
    }
    let mut lanes = lanes(from, streams, quarter, to.len());
    if table.double {
        run_double(table, from, &mut lanes, to);
    } else {
        run_single(table, from, &mut lanes, to);
    }
    let mut start = 6;
    for (lane, stream) in lanes.iter().zip(streams) {
        if lane.to > lane.end || lane.at + 8 < start {
            return Err(corrupt());
        }
        start += stream.len();
        let mut bits = BackwardBits::resumed(from, lane.at, lane.bits.trailing_zeros());
        let part = to.get_mut(lane.to..lane.end).ok_or_else(corrupt)?;
        if table.double {
            double_to_the_end(table, &mut bits, part, false)?;
        } else {
            table.fill(&mut bits, part);
        }
    }
    Ok(())
}

fn lanes(from: &[u8], streams: [&[u8]; 4], quarter: usize, literals: usize) -> [Lane; 4] {
    let mut end_of_stream = 6;
    let mut to = 0;
    streams.map(|stream| {
        end_of_stream += stream.len();
        let at = end_of_stream - 8;
        let last = stream.last().copied().unwrap_or_default();
        let gone = if last == 0 {
            0
        } else {
            last.leading_zeros() + 1
        };
        let lane = Lane {
            at,
            bits: (load(from, at) | 1) << gone,
            to,
            end: literals.min(to + quarter),
        };
        to += quarter;
        lane
    })
}

/// Whether each stream is still behind the one before it.
fn in_order(lanes: &[Lane; 4]) -> bool {
    lanes.is_sorted_by(|one, next| one.at <= next.at)
}

fn run_single(table: &Table, from: &[u8], lanes: &mut [Lane; 4], to: &mut [u8]) {
    loop {
        let [first, .., last] = *lanes;
        let rounds = (last.end.saturating_sub(last.to) / 5).min(first.at / 7);
        if rounds == 0 || !in_order(lanes) {
            return;
        }
        for _ in 0..rounds {
            for lane in lanes.iter_mut() {
                for _ in 0..5 {
                    let (symbol, length) = table.entry(lane.bits >> 53);
                    lane.bits <<= length;
                    put(to, lane.to, symbol);
                    lane.to += 1;
                }
                lane.reload(from);
            }
        }
    }
}

fn run_double(table: &Table, from: &[u8], lanes: &mut [Lane; 4], to: &mut [u8]) {
    loop {
        let [first, .., last] = *lanes;
        let room = lanes.map(|lane| lane.end.saturating_sub(lane.to) / 10);
        let rounds = room.into_iter().fold(first.at / 7, usize::min);
        if rounds == 0 || !in_order(lanes) {
            return;
        }
        let limit = last.to + 5 * rounds;
        while lanes.last().is_some_and(|lane| lane.to < limit) {
            for lane in lanes.iter_mut() {
                for _ in 0..5 {
                    let (symbol, second, length) = pair(table, lane.bits >> 53);
                    lane.bits <<= length;
                    put(to, lane.to, symbol);
                    lane.to += 1;
                    if let Some(second) = second {
                        put(to, lane.to, second);
                        lane.to += 1;
                    }
                }
                lane.reload(from);
            }
        }
    }
}
