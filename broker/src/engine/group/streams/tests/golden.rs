//! Kafka's own task assignor, asked about members that come and go: see `fixtures/task_assignors`.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use crate::engine::group::streams::assignor::{MemberSpec, Spec, SubtopologySpec, assign};
use crate::engine::group::streams::tasks::{TaskIds, Tasks};

/// A step so far: members in the assignor's order, and what each gets.
#[derive(Default)]
struct Step {
    subtopologies: BTreeMap<String, SubtopologySpec>,
    standby_replicas: usize,
    members: Vec<MemberSpec>,
    expected: Vec<Tasks>,
    line: usize,
}

fn tasks(text: &str) -> TaskIds {
    let rows = text.split(' ').filter_map(|row| row.split_once(':'));
    rows.map(|(id, indexes)| {
        let indexes = indexes.split(',').map(|index| index.parse().unwrap());
        (id.to_owned(), indexes.collect())
    })
    .collect()
}

fn offsets(text: &str) -> BTreeMap<String, BTreeMap<i32, i64>> {
    let rows = text.split(' ').filter_map(|row| row.split_once(':'));
    rows.map(|(id, offsets)| {
        let offsets = offsets.split(',').map(|at| {
            let (index, offset) = at.split_once('@').unwrap();
            (index.parse().unwrap(), offset.parse().unwrap())
        });
        (id.to_owned(), offsets.collect())
    })
    .collect()
}

impl Step {
    fn subtopologies(&mut self, text: &str) {
        let rows = text.split(' ').filter_map(|row| row.split_once(':'));
        let rows = rows.map(|(id, tasks)| {
            let is_stateful = tasks.ends_with('s');
            let tasks = tasks.trim_end_matches('s').parse().unwrap();
            (id.to_owned(), SubtopologySpec { tasks, is_stateful })
        });
        self.subtopologies = rows.collect();
    }

    fn member(&mut self, line: &str) {
        let (member, given) = line.split_once(" -> ").unwrap();
        let parts: Vec<&str> = member.split(" | ").collect();
        let [names, active, standby, reached] = parts[..] else {
            panic!("{line}");
        };
        let (id, process) = names.split_once(' ').unwrap();
        self.members.push(MemberSpec {
            id: Arc::from(id),
            process_id: process.to_owned(),
            active: tasks(active),
            standby: tasks(standby),
            offsets: offsets(reached),
        });
        let (active, standby) = given.split_once(" | ").unwrap();
        self.expected.push(Tasks {
            active: tasks(active),
            standby: tasks(standby),
            warmup: TaskIds::new(),
        });
    }

    /// Compares the step that has been read.
    fn finish(&mut self) {
        let members = std::mem::take(&mut self.members);
        let expected = std::mem::take(&mut self.expected);
        let spec = Spec {
            members: &members,
            subtopologies: &self.subtopologies,
            standby_replicas: self.standby_replicas,
        };
        let mut assigned = assign(&spec).unwrap_or_default();
        for (member, expected) in members.iter().zip(expected) {
            let got = assigned.remove(&member.id).unwrap_or_default();
            let (id, line) = (&member.id, self.line);
            assert_eq!(got, expected, "{id} in the step before line {line}");
        }
    }
}

#[test]
fn members_that_come_and_go_get_what_kafka_gives() {
    let path = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../fixtures/task_assignors/sticky.txt"
    );
    let text = std::fs::read_to_string(Path::new(path)).unwrap();
    let mut step = Step::default();
    let mut steps = 0;
    for (at, line) in text.lines().enumerate() {
        step.line = at + 1;
        match line.split_once(' ') {
            Some(("#", _)) | None => {}
            Some(("==", rest)) => {
                step.finish();
                step.subtopologies(rest);
            }
            Some(("standby", replicas)) => {
                step.finish();
                step.standby_replicas = replicas.parse().unwrap();
                steps += 1;
            }
            Some(_) => step.member(line),
        }
    }
    step.finish();
    assert!(steps > 500, "only {steps} steps");
}
