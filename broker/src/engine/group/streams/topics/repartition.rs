//! How many partitions the topics get through which an application sends records to itself.

use crate::engine::cluster::Cluster;
use crate::engine::group::streams::topology::{Subtopology, Topology};

use super::{Counts, Fault, count_of, invalid};

/// Those whose numbers are given keep them; a subtopology writes into others as many as it reads from.
pub(super) fn counts(topology: &Topology, cluster: &Cluster) -> Result<Counts, Fault> {
    let rows = topology.in_order();
    let mut counts = Counts::new();
    for topic in rows.iter().flat_map(|row| &row.repartition_source_topics) {
        if topic.partitions != 0 {
            counts.insert(topic.name.to_string(), topic.partitions);
        }
    }
    loop {
        let (mut lacks, mut progress) = (false, false);
        for row in &rows {
            for sink in &row.repartition_sink_topics {
                if counts.contains_key(&**sink) {
                    continue;
                }
                match read(row, cluster, &counts) {
                    Some(count) => {
                        counts.insert(sink.to_string(), count);
                        progress = true;
                    }
                    None => lacks = true,
                }
            }
        }
        if !lacks {
            break;
        }
        if !progress {
            return Err(invalid(
                "Failed to compute number of partitions for all repartition topics. There may be \
                 loops in the topology that cannot be resolved.",
            ));
        }
    }
    let mut sources = rows.iter().flat_map(|row| &row.repartition_source_topics);
    if sources.any(|topic| !counts.contains_key(&*topic.name)) {
        return Err(invalid(
            "Failed to compute number of partitions for all repartition topics, because a \
             repartition source topic is never used as a sink topic.",
        ));
    }
    Ok(counts)
}

/// The most partitions that a subtopology reads, as far as they are known.
fn read(row: &Subtopology, cluster: &Cluster, counts: &Counts) -> Option<i32> {
    let none = Counts::new();
    let internal = row.repartition_source_topics.iter();
    let internal = internal.filter_map(|topic| counts.get(&*topic.name).copied());
    let external = row.source_topics.iter();
    let external = external.filter_map(|topic| count_of(topic, cluster, &none));
    internal.chain(external).max()
}
