//! Members of groups, as cases drive them: requests may be held while others join, so each classic member has a connection.

mod classic;
mod consumer;
mod mixed;
mod share;
mod streams;

pub(super) use classic::{Classic, Join, stable};
pub(super) use consumer::{
    Consumer, await_count, await_group, await_heartbeat, configure, describe, describe_on, settle,
    settle_all, slow,
};
pub(super) use mixed::{alone, classic, fixed, pair, settle_with};
pub(super) use share::{
    Shared, Sharer, await_share_group, configured, earliest, member, set, sharing,
};
pub(super) use streams::{
    Streams, await_streams, await_streams_count, await_streams_heartbeat, counts, describe_streams,
    internal_topic, reads, settle_streams, streams_of_one, streams_of_two, subtopology, topology,
};
