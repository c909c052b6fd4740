//! How a record fares with a share group: its state, how often it was delivered, who has it and for how long.

use std::sync::Arc;

use super::locks::{Lock, Locks, Place};

/// What has become of a record, by Kafka's numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum RecordState {
    Available = 0,
    Acquired = 1,
    Acknowledged = 2,
    /// On its way to the dead-letter topic (KIP-1191).
    Archiving = 3,
    Archived = 4,
}

impl RecordState {
    /// Kafka's number.
    pub(crate) const fn id(self) -> i8 {
        match self {
            Self::Available => 0,
            Self::Acquired => 1,
            Self::Acknowledged => 2,
            Self::Archiving => 3,
            Self::Archived => 4,
        }
    }

    /// By Kafka's number.
    pub(crate) const fn numbered(id: i8) -> Option<Self> {
        Some(match id {
            0 => Self::Available,
            1 => Self::Acquired,
            2 => Self::Acknowledged,
            3 => Self::Archiving,
            4 => Self::Archived,
            _ => return None,
        })
    }

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Available => "available",
            Self::Acquired => "acquired",
            Self::Acknowledged => "acknowledged",
            Self::Archiving => "archiving",
            Self::Archived => "archived",
        }
    }

    /// Whether it is delivered no more.
    pub(crate) const fn is_terminal(self) -> bool {
        matches!(self, Self::Acknowledged | Self::Archived)
    }

    fn may_become(self, new: Self) -> bool {
        self != new && !self.is_terminal() && (self != Self::Available || new == Self::Acquired)
    }
}

/// One record, or several that fare alike.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Delivery {
    pub(crate) state: RecordState,
    /// How often it was delivered.
    pub(crate) count: i32,
    /// Who has it.
    pub(crate) member: Option<Arc<str>>,
    lock: Option<Lock>,
    /// The change that is not written down yet.
    changing: Option<Changing>,
}

/// A change that is to be written down.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Changing {
    number: u64,
    /// What the record was before.
    state: RecordState,
    member: Option<Arc<str>>,
    /// How often it was to be delivered at most when the change began.
    count_max: i32,
    /// Whether the member's lock has ended meanwhile.
    has_lock_ended: bool,
}

impl Delivery {
    /// Nobody has had it.
    pub(super) const FRESH: Self = Self::new(RecordState::Available, 0);

    pub(super) const fn new(state: RecordState, count: i32) -> Self {
        Self {
            state,
            count,
            member: None,
            lock: None,
            changing: None,
        }
    }

    /// Until when a member has it.
    pub(crate) const fn lock(&self) -> Option<Lock> {
        self.lock
    }

    /// Has another lock hold it, or none.
    pub(super) fn set_lock(&mut self, lock: Option<Lock>, locks: &mut Locks, place: Place) {
        if let Some(ended) = self.lock {
            locks.remove(ended, place);
        }
        if let Some(begun) = lock {
            locks.add(begun, place);
        }
        self.lock = lock;
    }

    /// Whether a change of it is not written down yet.
    pub(super) const fn is_changing(&self) -> bool {
        self.changing.is_some()
    }

    pub(super) fn is_free(&self) -> bool {
        self.state == RecordState::Available && !self.is_changing()
    }

    /// Gives it to a member.
    pub(super) fn acquire(
        &mut self,
        member: &Arc<str>,
        lock: Lock,
        (locks, place): (&mut Locks, Place),
    ) {
        self.state = RecordState::Acquired;
        self.count = self.count.saturating_add(1);
        self.member = Some(Arc::clone(member));
        self.set_lock(Some(lock), locks, place);
    }

    /// Takes it from who has it. What was delivered as often as it may be is not available again.
    pub(super) fn leave_for(
        &mut self,
        new: RecordState,
        count_max: i32,
        dead_letters: bool,
    ) -> bool {
        if self.is_changing() {
            return false;
        }
        let spent = new == RecordState::Available && self.count >= count_max;
        let new = match (spent, dead_letters) {
            (false, _) => new,
            (true, false) => RecordState::Archived,
            (true, true) => RecordState::Archiving,
        };
        if !self.state.may_become(new) {
            return false;
        }
        self.state = new;
        self.member = None;
        true
    }

    /// The same as a change that is yet to be written down.
    pub(super) fn begin(
        &mut self,
        number: u64,
        new: RecordState,
        count_max: i32,
        dead_letters: bool,
    ) -> bool {
        let (state, member) = (self.state, self.member.clone());
        let changed = self.leave_for(new, count_max, dead_letters);
        if changed {
            self.changing = Some(Changing {
                number,
                state,
                member,
                count_max,
                has_lock_ended: false,
            });
        }
        changed
    }

    fn is_changed_by(&self, number: u64) -> bool {
        let changing = self.changing.as_ref();
        changing.is_some_and(|changing| changing.number == number)
    }

    /// The change of that number is written down. Says whether it is still this one.
    pub(super) fn commit(&mut self, number: u64, (locks, place): (&mut Locks, Place)) -> bool {
        let is_meant = self.is_changed_by(number);
        if is_meant {
            self.set_lock(None, locks, place);
            self.changing = None;
        }
        is_meant
    }

    /// The change of that number is not to be. Says whether it is still this one. Anyone whose lock has ended
    /// meanwhile has the record no more.
    pub(super) fn roll_back(&mut self, number: u64) -> bool {
        if !self.is_changed_by(number) {
            return false;
        }
        let Some(before) = self.changing.take() else {
            return false;
        };
        if before.has_lock_ended {
            self.state = if self.count >= before.count_max {
                RecordState::Archived
            } else {
                RecordState::Available
            };
            self.member = None;
        } else {
            self.state = before.state;
            self.member = before.member;
        }
        true
    }

    /// Its lock ends while a change of it is on its way to be written down.
    pub(super) fn end_lock(&mut self, locks: &mut Locks, place: Place) {
        self.set_lock(None, locks, place);
        if let Some(changing) = &mut self.changing {
            changing.has_lock_ended = true;
        }
    }

    /// One record of several, from now on by itself. A change that all of them are in is not its own: that leaves it
    /// as it is, written down or not.
    pub(super) fn apart(&self) -> Self {
        let lock = self.lock.filter(|_| !self.is_changing());
        Self {
            changing: None,
            lock,
            ..self.clone()
        }
    }

    /// It is delivered no more.
    pub(super) fn archive(&mut self, locks: &mut Locks, place: Place) {
        self.state = RecordState::Archived;
        self.member = None;
        self.set_lock(None, locks, place);
        self.changing = None;
    }
}
