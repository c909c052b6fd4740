//! The cases, one file for each behaviour area.

use crate::case::{Area, Case};

mod api_versions;
mod create_topics;
mod create_topics_configs;
mod framing;
mod metadata;
mod produce;

/// Every case of the suite.
#[must_use]
pub fn all() -> Vec<Case> {
    let areas: &[fn() -> Area] = &[
        api_versions::area,
        create_topics::area,
        create_topics_configs::area,
        framing::area,
        metadata::area,
        produce::area,
    ];
    areas.iter().flat_map(|area| area().cases()).collect()
}
