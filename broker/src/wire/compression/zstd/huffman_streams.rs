//! Literals in one Huffman stream or in four (RFC 8878, 4.2.2).

use super::bits::BackwardBits;
use super::huffman::Table;
use super::{CodecError, corrupt, huffman_fast};

impl Table {
    /// One stream that ends exactly where the literals do.
    pub(super) fn decode_one(&self, from: &[u8], to: &mut [u8]) -> Result<(), CodecError> {
        let mut bits = BackwardBits::new(from).ok_or_else(corrupt)?;
        if self.double {
            return huffman_fast::double_to_the_end(self, &mut bits, to, true);
        }
        self.fill(&mut bits, to);
        if bits.is_exhausted() {
            Ok(())
        } else {
            Err(corrupt())
        }
    }

    /// Four streams, each for a quarter of the literals.
    pub(super) fn decode_four(&self, from: &[u8], to: &mut [u8]) -> Result<(), CodecError> {
        let streams = split(from)?;
        let quarter = to.len().div_ceil(4);
        if 3 * quarter > to.len() {
            return Err(corrupt());
        }
        if self.decode_exactly(streams, quarter, to).is_some() {
            return Ok(());
        }
        // That is damaged, which libzstd does not always see.
        huffman_fast::decode_four(self, from, streams, to)
    }

    /// The four streams side by side; nothing if one does not end where it should.
    fn decode_exactly(&self, streams: [&[u8]; 4], quarter: usize, to: &mut [u8]) -> Option<()> {
        let [a, b, c, d] = streams.map(BackwardBits::new);
        let (mut a, mut b, mut c, mut d) = (a?, b?, c?, d?);
        let (first, rest) = to.split_at_mut_checked(quarter)?;
        let (second, rest) = rest.split_at_mut_checked(quarter)?;
        let (third, fourth) = rest.split_at_mut_checked(quarter)?;
        let rounds = fourth.len() / 4;
        let parts = first
            .chunks_exact_mut(4)
            .zip(second.chunks_exact_mut(4))
            .zip(third.chunks_exact_mut(4))
            .zip(fourth.chunks_exact_mut(4));
        for (((w, x), y), z) in parts {
            a.reload();
            b.reload();
            c.reload();
            d.reload();
            for (((w, x), y), z) in w.iter_mut().zip(x).zip(y).zip(z) {
                *w = self.next(&mut a);
                *x = self.next(&mut b);
                *y = self.next(&mut c);
                *z = self.next(&mut d);
            }
        }
        let left = [
            (first, &mut a),
            (second, &mut b),
            (third, &mut c),
            (fourth, &mut d),
        ];
        for (part, bits) in left {
            self.fill(bits, part.get_mut(4 * rounds..)?);
        }
        let ended = [&a, &b, &c, &d].map(BackwardBits::is_exhausted);
        ended.iter().all(|ended| *ended).then_some(())
    }
}

/// The four streams behind their table of lengths.
fn split(from: &[u8]) -> Result<[&[u8]; 4], CodecError> {
    let (lengths, streams) = from
        .split_first_chunk::<6>()
        .filter(|_| from.len() >= 10)
        .ok_or_else(corrupt)?;
    let [a0, a1, b0, b1, c0, c1] = *lengths;
    let mut rest = streams;
    let mut cut = |low, high| {
        let (stream, left) = rest
            .split_at_checked(usize::from(u16::from_le_bytes([low, high])))
            .ok_or_else(corrupt)?;
        rest = left;
        Ok::<_, CodecError>(stream)
    };
    let (a, b, c) = (cut(a0, a1)?, cut(b0, b1)?, cut(c0, c1)?);
    Ok([a, b, c, rest])
}
