//! Chance, from the engine's seed alone.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{RngCore as _, SeedableRng as _};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// The engine's only source of randomness: the same seed gives the same run.
#[derive(Debug, Clone)]
pub(crate) struct Rng(ChaCha8Rng);

/// How much of a stream of chance has been drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Drawn {
    stream: u64,
    words: u64,
}

impl Rng {
    pub(crate) fn new(seed: u64) -> Self {
        Self(ChaCha8Rng::seed_from_u64(seed))
    }

    /// Chance beside that of [`Self::new`] with the same seed; no stream changes another.
    pub(crate) fn stream(seed: u64, number: u64) -> Self {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        rng.set_stream(number);
        Self(rng)
    }

    /// How much of it has been drawn.
    pub(crate) fn drawn(&self) -> Drawn {
        Drawn {
            stream: self.0.get_stream(),
            words: u64::try_from(self.0.get_word_pos()).unwrap_or(u64::MAX),
        }
    }

    /// The chance that is left of a seed's stream after so much was drawn.
    pub(crate) fn left(seed: u64, drawn: Drawn) -> Self {
        let mut rng = Self::stream(seed, drawn.stream);
        rng.0.set_word_pos(drawn.words.into());
        rng
    }

    /// Whether something of this probability happens.
    pub(crate) fn happens(&mut self, probability: f64) -> bool {
        f64::from(self.0.next_u32()) < probability * (f64::from(u32::MAX) + 1.0)
    }

    /// A number below `bound`; 0 where there is none.
    pub(crate) fn next_below(&mut self, bound: u64) -> u64 {
        self.0.next_u64().checked_rem(bound).unwrap_or_default()
    }

    /// A number from 1 to `i32::MAX`.
    pub(crate) fn next_positive_i32(&mut self) -> i32 {
        (self.0.next_u32() >> 1).max(1).cast_signed()
    }

    /// A number below `bound`; 0 where there is none.
    pub(crate) fn below(&mut self, bound: usize) -> usize {
        let drawn = usize::try_from(self.0.next_u32()).unwrap_or_default();
        drawn.checked_rem(bound).unwrap_or_default()
    }

    /// 26 digits of base 36: the nonces and salts of SASL have 130 bits, as Kafka's do.
    pub(crate) fn next_base36(&mut self) -> String {
        let digit = |drawn| char::from_digit(drawn, 36);
        let mut drawn = || u32::try_from(self.below(36)).unwrap_or_default();
        (0..26).filter_map(|_| digit(drawn())).collect()
    }

    /// A version 4 UUID.
    pub(crate) fn next_uuid(&mut self) -> Uuid {
        let mut bytes = [0; 16];
        self.0.fill_bytes(&mut bytes);
        uuid::Builder::from_random_bytes(bytes).into_uuid()
    }
}
