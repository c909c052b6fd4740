//! Small requests at full rate.

use anyhow::{Context as _, Result};

use crate::comparison::Run;
use crate::requests::{ALL_TOPICS, COMMIT, HEARTBEAT, Place};

const PARTITIONS: usize = 24;

/// With a topic of 24 partitions, and what groups need: Metadata tells of that, too.
pub(crate) fn requests(run: &mut Run<'_>) -> Result<()> {
    let topic = run.topic();
    let server = run.peer.with_topic(&topic, PARTITIONS)?;
    for asked in [HEARTBEAT, COMMIT, ALL_TOPICS] {
        let api = asked.api;
        let place = Place {
            address: &server.address,
            topic: &topic,
            groups: api,
        };
        let taken = asked.cost(place, || server.cpu(), run.sizes.requests);
        let micros = taken.with_context(|| api)?.as_secs_f64() * 1e6;
        run.add(&format!("{api} over 8 connections"), "CPU µs", micros);
    }
    Ok(())
}
