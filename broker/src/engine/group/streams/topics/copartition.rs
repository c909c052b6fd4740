//! Topics that are joined have the same number of partitions.

use std::collections::{BTreeMap, BTreeSet};

use crate::engine::api_error::ApiError;
use crate::engine::cluster::Cluster;
use crate::engine::group::streams::topology::{Subtopology, Topology};
use crate::engine::java::hash_map;
use crate::wire::error::ErrorCode;

use super::{Counts, Fault, count_of, invalid, misfit, no_words};

/// The names in each group, which members give by their places. Oracle: Kafka has no words for a place that is not there.
pub(super) fn groups(topology: &Topology) -> Result<Vec<BTreeSet<String>>, ApiError> {
    let mut groups = Vec::new();
    for row in topology.in_order() {
        for group in &row.copartition_groups {
            let external = group.source_topics.iter().map(|place| source(row, *place));
            let internal = group.repartition_source_topics.iter();
            let internal = internal.map(|place| repartition_source(row, *place));
            let names: Option<BTreeSet<String>> = external.chain(internal).collect();
            groups.push(names.ok_or(ErrorCode::UnknownServerError)?);
        }
    }
    Ok(groups)
}

fn source(row: &Subtopology, place: i16) -> Option<String> {
    let topic = row.source_topics.get(usize::try_from(place).ok()?)?;
    Some(topic.to_string())
}

fn repartition_source(row: &Subtopology, place: i16) -> Option<String> {
    let topic = row
        .repartition_source_topics
        .get(usize::try_from(place).ok()?)?;
    Some(topic.name.to_string())
}

/// How many partitions the group's repartition topics get.
pub(super) fn enforce(
    group: &BTreeSet<String>,
    topology: &Topology,
    cluster: &Cluster,
    counts: &Counts,
) -> Result<Counts, Fault> {
    if group.is_empty() {
        return Ok(Counts::new());
    }
    let (fixed, flexible) = repartition_topics(topology);
    let mut internal = Counts::new();
    let mut external = Counts::new();
    for name in group {
        let count = count_of(name, cluster, counts).ok_or_else(no_words)?;
        let is_internal = fixed.contains(name) || flexible.contains(name);
        let to = if is_internal {
            &mut internal
        } else {
            &mut external
        };
        to.insert(name.clone(), count);
    }
    let count = if !external.is_empty() {
        same(&external)?
    } else if fixed.is_empty() {
        most(&internal)?
    } else {
        same_of_all(&fixed, &internal, |name| count_of(name, cluster, counts))?
    };
    let mut names: Vec<(&String, &i32)> = internal.iter().collect();
    hash_map::sort_by_name(&mut names, |(name, _)| name);
    for (name, given) in names {
        if fixed.contains(name) && *given != count {
            return Err(misfit(format!(
                "Number of partitions [{given}] of repartition topic [{name}] doesn't match number \
                 of partitions [{count}] of the source topic."
            )));
        }
    }
    Ok(internal.into_keys().map(|name| (name, count)).collect())
}

/// Those whose number of partitions is given, and the others.
fn repartition_topics(topology: &Topology) -> (BTreeSet<String>, BTreeSet<String>) {
    let rows = topology.subtopologies.values();
    let topics = rows.flat_map(|row| &row.repartition_source_topics);
    let (fixed, flexible): (Vec<_>, Vec<_>) = topics.partition(|topic| topic.partitions != 0);
    let names = |topics: Vec<&super::TopicInfo>| -> BTreeSet<String> {
        topics.iter().map(|topic| topic.name.to_string()).collect()
    };
    (names(fixed), names(flexible))
}

fn same(counts: &Counts) -> Result<i32, Fault> {
    let mut all = counts.values();
    let first = *all.next().ok_or_else(no_words)?;
    if all.all(|count| *count == first) {
        Ok(first)
    } else {
        Err(different(counts))
    }
}

/// Oracle: all topics with given numbers are compared, whether or not they are in the group.
fn same_of_all(
    fixed: &BTreeSet<String>,
    group: &Counts,
    count: impl Fn(&str) -> Option<i32>,
) -> Result<i32, Fault> {
    let counts: Option<BTreeSet<i32>> = fixed.iter().map(|name| count(name)).collect();
    let counts = counts.ok_or_else(no_words)?;
    match counts.first() {
        Some(only) if counts.len() == 1 => Ok(*only),
        _ => Err(different(group)),
    }
}

fn most(counts: &Counts) -> Result<i32, Fault> {
    let most = counts.values().copied().max().filter(|most| *most > 0);
    most.ok_or_else(|| {
        let mut names: Vec<&String> = counts.keys().collect();
        hash_map::sort_by_name(&mut names, |name| name);
        let names: Vec<&str> = names.into_iter().map(String::as_str).collect();
        invalid(format!(
            "All topics in the copartition group had undefined partition number: [{}]",
            names.join(", ")
        ))
    })
}

fn different(counts: &Counts) -> Fault {
    let rows: BTreeMap<_, _> = counts.iter().collect();
    let rows: Vec<String> = rows
        .iter()
        .map(|(name, count)| format!("{name}={count}"))
        .collect();
    misfit(format!(
        "Following topics do not have the same number of partitions: [{{{}}}]",
        rows.join(", ")
    ))
}
