//! Property tests that try the same cases every time, so that no run fails by chance.
//!
//! `PROPTEST_RNG_SEED=1 PROPTEST_CASES=20000 cargo test -p fauxka --lib NAME` tries others, and more.

use proptest::test_runner::{Config, RngSeed};

/// The seed, unless the environment names one.
const SEED: u64 = 848;

/// So many cases, unless the environment wants more or fewer. What fails is kept as a test's data,
/// not in a file beside it.
pub(crate) fn cases(usual: u32) -> Config {
    let given = Config::default();
    let rng_seed = match given.rng_seed {
        RngSeed::Random => RngSeed::Fixed(SEED),
        RngSeed::Fixed(seed) => RngSeed::Fixed(seed),
    };
    let is_chosen = std::env::var_os("PROPTEST_CASES").is_some();
    Config {
        cases: if is_chosen { given.cases } else { usual },
        rng_seed,
        failure_persistence: None,
        ..given
    }
}
