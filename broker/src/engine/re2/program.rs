//! What an expression compiles to: steps with relative jumps, so that a piece can be moved and repeated.

use super::classes::{Set, is_word};

/// No expression may take more steps.
const STEPS_MAX: usize = 10_000;

/// One step; jumps are relative to it.
#[derive(Debug, Clone, Copy)]
pub(super) enum Step {
    Take(Set),
    /// Goes on in both places.
    Both(isize, isize),
    If(Assertion),
}

/// What matches without taking a character.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Assertion {
    Begin,
    End,
    WordBoundary,
    NoWordBoundary,
}

/// Steps to be gone through from the first one; the end is after the last one.
#[derive(Debug, Clone, Default)]
pub(super) struct Program(Vec<Step>);

/// It would be too large.
#[derive(Debug)]
pub(super) struct TooLarge;

impl Program {
    pub(super) fn of(step: Step) -> Self {
        Self(vec![step])
    }

    /// Goes on with another one.
    pub(super) fn then(&mut self, next: &Self) -> Result<(), TooLarge> {
        if self.0.len() + next.0.len() > STEPS_MAX {
            return Err(TooLarge);
        }
        self.0.extend_from_slice(&next.0);
        Ok(())
    }

    /// This one or the other.
    pub(super) fn or(&self, other: &Self) -> Result<Self, TooLarge> {
        let to_other = jump(self.0.len() + 2);
        let mut both = Self::of(Step::Both(1, to_other));
        both.then(self)?;
        both.then(&Self::of(jump_to(other.0.len() + 1)))?;
        both.then(other)?;
        Ok(both)
    }

    /// This one so many times, without an upper bound if `most` is none.
    pub(super) fn repeated(&self, least: u32, most: Option<u32>) -> Result<Self, TooLarge> {
        let mut all = Self::default();
        for _ in 0..least {
            all.then(self)?;
        }
        match most {
            None => {
                all.then(&Self::of(Step::Both(1, jump(self.0.len() + 2))))?;
                all.then(self)?;
                let back = jump(self.0.len() + 1);
                all.then(&Self::of(Step::Both(-back, -back)))?;
            }
            Some(most) => {
                // Each further one may be left out, and with it all after.
                let further = usize::try_from(most.saturating_sub(least)).unwrap_or(usize::MAX);
                let each = self.0.len() + 1;
                if each.saturating_mul(further) > STEPS_MAX {
                    return Err(TooLarge);
                }
                for left in (1..=further).rev() {
                    all.then(&Self::of(Step::Both(1, jump(each * left))))?;
                    all.then(self)?;
                }
            }
        }
        Ok(all)
    }

    pub(super) fn matches(&self, text: &[u8]) -> bool {
        let mut here = Places::new(self.0.len() + 1);
        let mut next = Places::new(self.0.len() + 1);
        self.reach(0, text, 0, &mut here);
        for (at, byte) in text.iter().enumerate() {
            for place in std::mem::take(&mut here.list) {
                if let Some(Step::Take(set)) = self.0.get(place)
                    && *byte < 128
                    && set >> byte & 1 == 1
                {
                    self.reach(place + 1, text, at + 1, &mut next);
                }
            }
            here.clear();
            std::mem::swap(&mut here, &mut next);
        }
        here.has(self.0.len())
    }

    /// Notes a place and all that lie behind it without taking a character.
    fn reach(&self, from: usize, text: &[u8], at: usize, places: &mut Places) {
        let mut open = vec![from];
        while let Some(place) = open.pop() {
            if !places.add(place) {
                continue;
            }
            match self.0.get(place) {
                Some(Step::Both(a, b)) => {
                    open.extend(
                        [a, b]
                            .into_iter()
                            .filter_map(|by| place.checked_add_signed(*by)),
                    );
                }
                Some(Step::If(wanted)) if wanted.is_at(text, at) => open.push(place + 1),
                Some(Step::If(_) | Step::Take(_)) | None => {}
            }
        }
    }
}

impl Assertion {
    fn is_at(self, text: &[u8], at: usize) -> bool {
        let word = |at: Option<usize>| {
            let byte = at.and_then(|at| text.get(at));
            byte.is_some_and(|byte| is_word(*byte))
        };
        let boundary = || word(at.checked_sub(1)) != word(Some(at));
        match self {
            Self::Begin => at == 0,
            Self::End => at == text.len(),
            Self::WordBoundary => boundary(),
            Self::NoWordBoundary => !boundary(),
        }
    }
}

const fn jump_to(by: usize) -> Step {
    Step::Both(jump(by), jump(by))
}

const fn jump(by: usize) -> isize {
    by.cast_signed()
}

/// A set of places in the order in which they were added.
struct Places {
    known: Vec<bool>,
    list: Vec<usize>,
}

impl Places {
    fn new(count: usize) -> Self {
        Self {
            known: vec![false; count],
            list: Vec::new(),
        }
    }

    fn add(&mut self, place: usize) -> bool {
        let Some(known) = self.known.get_mut(place) else {
            return false;
        };
        let new = !std::mem::replace(known, true);
        if new {
            self.list.push(place);
        }
        new
    }

    fn has(&self, place: usize) -> bool {
        self.known.get(place).copied().unwrap_or_default()
    }

    fn clear(&mut self) {
        self.known.fill(false);
        self.list.clear();
    }
}
