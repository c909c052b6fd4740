//! Cases of Kafka's `SimpleAssignorTest`.

use super::*;

fn topic(number: u128) -> Uuid {
    Uuid::from_u128(number)
}

/// A member's name, its topics, and what it had.
type Given<'a> = (&'a str, &'a [u128], &'a [(u128, &'a [i32])]);

fn run(
    members: &[Given<'_>],
    partitions: &[(u128, i32)],
) -> BTreeMap<String, Vec<(u128, Vec<i32>)>> {
    let specs: Vec<MemberSpec> = members
        .iter()
        .map(|(id, topics, target)| MemberSpec {
            id: Arc::from(*id),
            topics: topics.iter().map(|number| topic(*number)).collect(),
            target: target
                .iter()
                .map(|(number, indexes)| (topic(*number), indexes.iter().copied().collect()))
                .collect(),
        })
        .collect();
    let assignable: TopicPartitions = partitions
        .iter()
        .map(|(number, count)| (topic(*number), (0..*count).collect()))
        .collect();
    let is_homogeneous = specs
        .windows(2)
        .all(|pair| pair[0].topics == pair[1].topics);
    let spec = Spec {
        members: &specs,
        is_homogeneous,
        assignable: &assignable,
    };
    let assigned = assign(&spec).into_iter().map(|(id, target)| {
        let rows = target.into_iter();
        let rows = rows.map(|(id, indexes)| (id.as_u128(), indexes.into_iter().collect()));
        (id.to_string(), rows.collect())
    });
    assigned.collect()
}

#[track_caller]
fn has(assigned: &BTreeMap<String, Vec<(u128, Vec<i32>)>>, member: &str, total: usize) {
    let rows = &assigned[member];
    let count: usize = rows.iter().map(|(_, indexes)| indexes.len()).sum();
    assert_eq!(count, total, "{member} of {assigned:?}");
}

#[test]
fn nobody_subscribes_to_anything() {
    assert!(run(&[("a", &[], &[])], &[(1, 3)]).is_empty());
}

#[test]
fn everybody_gets_about_as_much() {
    let assigned = run(&[("a", &[1], &[]), ("b", &[1], &[])], &[(1, 4)]);
    has(&assigned, "a", 2);
    has(&assigned, "b", 2);
    let assigned = run(
        &[("a", &[1], &[]), ("b", &[1], &[]), ("c", &[1], &[])],
        &[(1, 1)],
    );
    for member in ["a", "b", "c"] {
        has(&assigned, member, 1);
    }
    let assigned = run(
        &[("a", &[1], &[]), ("b", &[1], &[]), ("c", &[1], &[])],
        &[(1, 2)],
    );
    let total: usize = assigned
        .values()
        .flatten()
        .map(|(_, indexes)| indexes.len())
        .sum();
    assert_eq!(total, 4, "{assigned:?}");
}

#[test]
fn who_has_something_keeps_it() {
    let assigned = run(
        &[("a", &[1], &[(1, &[0, 1, 2, 3])]), ("b", &[1], &[])],
        &[(1, 4)],
    );
    has(&assigned, "a", 2);
    has(&assigned, "b", 2);
    let assigned = run(
        &[("a", &[1], &[(1, &[0, 1])]), ("b", &[1], &[(1, &[2, 3])])],
        &[(1, 4)],
    );
    assert_eq!(assigned["a"], [(1, vec![0, 1])]);
    assert_eq!(assigned["b"], [(1, vec![2, 3])]);
}

#[test]
fn each_topic_goes_to_those_who_want_it() {
    let assigned = run(&[("a", &[1], &[]), ("b", &[1, 2], &[])], &[(1, 2), (2, 3)]);
    has(&assigned, "a", 1);
    assert_eq!(
        assigned["b"].iter().find(|(id, _)| *id == 2).unwrap().1,
        [0, 1, 2]
    );
    // Who no longer wants a topic gives it up, if somebody else does.
    let assigned = run(
        &[("a", &[1], &[(2, &[0])]), ("b", &[2], &[])],
        &[(1, 1), (2, 1)],
    );
    assert_eq!(assigned["a"], [(1, vec![0]), (2, vec![])]);
    assert_eq!(assigned["b"], [(2, vec![0])]);
}
