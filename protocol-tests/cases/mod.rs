//! The cases, one file for each behaviour area.

use crate::case::{Area, Case};

mod create_topics;
mod framing;
mod produce;

/// Every case of the suite.
#[must_use]
pub fn all() -> Vec<Case> {
    let areas = [create_topics::area(), framing::area(), produce::area()];
    areas.into_iter().flat_map(Area::cases).collect()
}
