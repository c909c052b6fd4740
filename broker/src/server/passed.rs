//! Time that a test has moved, as connections see it: a client that lives has sent something meanwhile, so its
//! connections are not idle.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use crate::engine::fault::Pattern;

/// How many changes of who is silent are remembered. Older ones only make a connection idle a little sooner.
const REMEMBERED: usize = 64;

/// Until when time was moved, and who was silent then.
#[derive(Debug, Default)]
pub(super) struct Passed(Mutex<Vec<(Duration, Vec<Pattern>)>>);

impl Passed {
    /// Time was moved up to there.
    pub(super) fn note(&self, end: Duration, silent: &[Pattern]) {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((last, _)) = all.last_mut().filter(|(_, known)| known == silent) {
            *last = end;
            return;
        }
        if all.len() >= REMEMBERED {
            all.remove(0);
        }
        all.push((end, silent.to_vec()));
    }

    /// When a client was last taken to have sent something.
    pub(super) fn lived_until(&self, client_id: &str) -> Duration {
        let all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let is_silent = |silent: &[Pattern]| silent.iter().any(|one| one.matches(client_id));
        let last = all.iter().rfind(|(_, silent)| !is_silent(silent));
        last.map_or(Duration::ZERO, |(end, _)| *end)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_client_has_lived_until_it_was_silent() {
        let passed = Passed::default();
        let at = Duration::from_secs;
        assert_eq!(passed.lived_until("a"), Duration::ZERO);
        passed.note(at(1), &[]);
        passed.note(at(2), &[]);
        for moment in 3..3 + u64::try_from(REMEMBERED).unwrap() {
            let silent = ["a", "b*"];
            let silent = silent[usize::from(moment % 2 == 0)..][..1].to_vec();
            let silent: Vec<_> = silent.into_iter().map(Pattern::from).collect();
            passed.note(at(moment), &silent);
        }
        assert_eq!(passed.lived_until("a"), at(66));
        assert_eq!(passed.lived_until("bc"), at(65));
        assert_eq!(passed.lived_until("c"), at(66));
        passed.note(at(99), &["*".into()]);
        assert_eq!(passed.lived_until("c"), at(66));
    }
}
