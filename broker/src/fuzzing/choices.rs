//! A fuzzer's bytes as decisions, one after the other. Where they end, everything is 0.

/// What is left to decide with.
#[derive(Debug)]
pub(super) struct Choices<'a>(&'a [u8]);

impl<'a> Choices<'a> {
    pub(super) const fn new(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }

    /// Whether nothing is left.
    pub(super) const fn are_over(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn byte(&mut self) -> u8 {
        self.take(1).first().copied().unwrap_or_default()
    }

    /// Whether something happens that is as likely as not.
    pub(super) fn flag(&mut self) -> bool {
        self.byte() & 1 == 1
    }

    /// A number below `end`, which is 256 at most.
    pub(super) fn below(&mut self, end: usize) -> usize {
        usize::from(self.byte()).checked_rem(end).unwrap_or(0)
    }

    /// One of several.
    pub(super) fn pick<T: Copy>(&mut self, of: &[T]) -> T {
        let place = self.below(of.len());
        *of.get(place).expect("there is something to pick from")
    }

    /// The next bytes, or as many of them as there are.
    pub(super) fn take(&mut self, count: usize) -> &'a [u8] {
        let (taken, rest) = self.0.split_at(count.min(self.0.len()));
        self.0 = rest;
        taken
    }

    /// Some bytes, of which the first says how many.
    pub(super) fn piece(&mut self) -> &'a [u8] {
        let count = usize::from(self.byte());
        self.take(count)
    }

    /// All that is left.
    pub(super) fn rest(&mut self) -> &'a [u8] {
        self.take(usize::MAX)
    }

    /// A number as tests of bounds have it: often small, at times at the end of a type, seldom any.
    pub(super) fn number(&mut self) -> i64 {
        const ODD: [i64; 24] = [
            -2,
            i64::MIN,
            i64::MAX,
            i64::MAX - 1,
            0x7FFF_FFFF,
            0x7FFF_FFFE,
            -0x8000_0000,
            0x7FFF,
            0x7FFE,
            -0x8000,
            0x7F,
            -0x80,
            100,
            1000,
            5000,
            6000,
            10_000,
            45_000,
            60_000,
            300_000,
            900_000,
            86_400_000,
            1_700_000_000_000,
            1_048_576,
        ];
        match self.byte() {
            small @ 0..=150 => i64::from(small % 16),
            255 => -1,
            odd @ 151..=230 => {
                let place = usize::from(odd - 151) % ODD.len();
                ODD.get(place).copied().unwrap_or_default()
            }
            _ => {
                let mut bytes = [0; 8];
                for byte in &mut bytes {
                    *byte = self.byte();
                }
                i64::from_be_bytes(bytes)
            }
        }
    }
}
