//! Producer ids, each given out once.

use crate::wire::units::ProducerId;

/// The ids that are left.
#[derive(Debug, Default)]
pub(crate) struct ProducerIds {
    next: i64,
}

impl ProducerIds {
    /// The id that comes next.
    pub(crate) const fn coming(&self) -> ProducerId {
        ProducerId(self.next)
    }

    /// Gives out no id below this one.
    pub(crate) fn go_on_from(&mut self, id: ProducerId) {
        self.next = self.next.max(id.0);
    }

    /// A producer id that nobody has.
    pub(crate) const fn next(&mut self) -> ProducerId {
        let id = ProducerId(self.next);
        self.next = self.next.saturating_add(1);
        id
    }
}
