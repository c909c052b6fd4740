//! The stream of ChaCha with eight rounds (RFC 8439 has twenty), seeded from one number: the words that the crate
//! `rand_chacha` draws from the same seed, so that runs of older releases stay as they were.

/// "expand 32-byte k".
const SIGMA: [u32; 4] = [0x6170_7865, 0x3320_646e, 0x7962_2d32, 0x6b20_6574];
const DOUBLE_ROUNDS: usize = 4;
const BLOCK_WORDS: u64 = 16;

/// Words of chance.
#[derive(Debug, Clone)]
pub(crate) struct ChaCha8 {
    key: [u32; 8],
    stream: u64,
    /// The number of the block that is drawn next.
    block: u64,
    drawn: std::array::IntoIter<u32, 16>,
}

impl ChaCha8 {
    /// The key is what PCG-32 makes of the seed, and the stream is one of many.
    pub(crate) fn new(seed: u64, stream: u64) -> Self {
        Self::after(seed, stream, 0)
    }

    /// What is left of a stream after so many words.
    pub(crate) fn after(seed: u64, stream: u64, words: u64) -> Self {
        let mut state = seed;
        let mut chance = Self {
            key: [(); 8].map(|()| expand(&mut state)),
            stream,
            block: words / BLOCK_WORDS,
            drawn: [0; 16].into_iter(),
        };
        chance.drawn = chance.next_block().into_iter();
        for _ in 0..words % BLOCK_WORDS {
            chance.next_u32();
        }
        chance
    }

    pub(crate) const fn stream(&self) -> u64 {
        self.stream
    }

    /// How many words have been drawn.
    pub(crate) fn words_drawn(&self) -> u64 {
        let left = self.drawn.len() as u64;
        self.block.saturating_mul(BLOCK_WORDS).saturating_sub(left)
    }

    pub(crate) fn next_u32(&mut self) -> u32 {
        loop {
            if let Some(word) = self.drawn.next() {
                return word;
            }
            self.drawn = self.next_block().into_iter();
        }
    }

    pub(crate) fn next_u64(&mut self) -> u64 {
        let low = u64::from(self.next_u32());
        u64::from(self.next_u32()) << 32 | low
    }

    fn next_block(&mut self) -> [u32; 16] {
        let [block_low, block_high] = halves(self.block);
        let [stream_low, stream_high] = halves(self.stream);
        self.block = self.block.wrapping_add(1);
        let [s0, s1, s2, s3] = SIGMA;
        let [k0, k1, k2, k3, k4, k5, k6, k7] = self.key;
        let start = [
            [s0, s1, s2, s3],
            [k0, k1, k2, k3],
            [k4, k5, k6, k7],
            [block_low, block_high, stream_low, stream_high],
        ];
        let mut rows = start;
        for _ in 0..DOUBLE_ROUNDS {
            // Columns, and then diagonals, which are the columns of rows that are turned.
            rows = round(rows);
            let [a, b, c, d] = rows;
            rows = round([a, turned(b, 1), turned(c, 2), turned(d, 3)]);
            let [a, b, c, d] = rows;
            rows = [a, turned(b, 3), turned(c, 2), turned(d, 1)];
        }
        let mut words = [0; 16];
        let sums = rows.as_flattened().iter().zip(start.as_flattened());
        for (word, (row, start)) in words.iter_mut().zip(sums) {
            *word = row.wrapping_add(*start);
        }
        words
    }
}

/// A quarter round on each column of four rows.
fn round([a, b, c, d]: [[u32; 4]; 4]) -> [[u32; 4]; 4] {
    let a = sum(a, b);
    let d = mixed(d, a, 16);
    let c = sum(c, d);
    let b = mixed(b, c, 12);
    let a = sum(a, b);
    let d = mixed(d, a, 8);
    let c = sum(c, d);
    let b = mixed(b, c, 7);
    [a, b, c, d]
}

fn sum([a0, a1, a2, a3]: [u32; 4], [b0, b1, b2, b3]: [u32; 4]) -> [u32; 4] {
    [(a0, b0), (a1, b1), (a2, b2), (a3, b3)].map(|(a, b)| a.wrapping_add(b))
}

fn mixed([a0, a1, a2, a3]: [u32; 4], [b0, b1, b2, b3]: [u32; 4], bits: u32) -> [u32; 4] {
    [(a0, b0), (a1, b1), (a2, b2), (a3, b3)].map(|(a, b)| (a ^ b).rotate_left(bits))
}

fn turned(mut row: [u32; 4], places: usize) -> [u32; 4] {
    row.rotate_left(places);
    row
}

/// The low and the high half of a number.
const fn halves(number: u64) -> [u32; 2] {
    let [a, b, c, d, e, f, g, h] = number.to_le_bytes();
    [
        u32::from_le_bytes([a, b, c, d]),
        u32::from_le_bytes([e, f, g, h]),
    ]
}

/// PCG-32's next number.
const fn expand(state: &mut u64) -> u32 {
    *state = state
        .wrapping_mul(6_364_136_223_846_793_005)
        .wrapping_add(11_634_580_027_462_260_723);
    let [mixed, _] = halves((*state >> 18 ^ *state) >> 27);
    let [turns, _] = halves(*state >> 59);
    mixed.rotate_right(turns)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As `rand_chacha` 0.9 draws them.
    #[test]
    fn words_are_those_of_the_published_crate() {
        let mut chance = ChaCha8::new(848, 0);
        let words = [(); 20].map(|()| chance.next_u32());
        assert_eq!(
            words,
            [
                1_831_439_395,
                1_670_699_989,
                4_276_089_017,
                3_241_663_257,
                1_222_030_264,
                159_671_578,
                1_224_026_651,
                3_441_359_467,
                2_136_082_633,
                2_710_184_042,
                3_190_674_576,
                4_057_422_152,
                3_817_157_857,
                3_333_565_735,
                3_182_502_982,
                672_595_450,
                2_292_146_495,
                3_250_275_187,
                285_836_418,
                329_518_604,
            ]
        );
        let mut chance = ChaCha8::new(848, 3);
        let words = [(); 20].map(|()| chance.next_u64());
        assert_eq!(words[0], 6_599_146_610_864_941_715);
        assert_eq!(words[19], 2_653_912_014_700_118_633);
    }

    #[test]
    fn a_stream_goes_on_where_it_was() {
        let mut whole = ChaCha8::new(848, 3);
        for words in 0..50 {
            assert_eq!(whole.words_drawn(), words);
            let mut rest = ChaCha8::after(848, 3, words);
            assert_eq!((rest.stream(), rest.words_drawn()), (3, words));
            assert_eq!(rest.next_u32(), whole.next_u32());
        }
    }

    #[test]
    fn seeds_and_streams_differ() {
        let first = |seed, stream| ChaCha8::new(seed, stream).next_u64();
        let drawn = [first(1, 0), first(2, 0), first(1, 1), first(1, u64::MAX)];
        let different: std::collections::BTreeSet<_> = drawn.into_iter().collect();
        assert_eq!(different.len(), drawn.len());
    }
}
