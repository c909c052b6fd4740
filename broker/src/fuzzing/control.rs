//! What somebody asks of the control port.

use std::time::Duration;

use tokio::runtime::Builder as Runtime;
use tokio::time::timeout;

use super::choices::Choices;
use crate::control::fuzzing::{ask, served};
use crate::embed::builder::Builder;

const REQUESTS_MAX: usize = 8;

/// What stands for the parts of paths that are names.
const NAMES: &[&str] = &[
    "a",
    "b",
    "0",
    "1",
    "2",
    "g",
    "x",
    "alice",
    "rule",
    "%2F",
    "%ff",
    "-1",
    "99999999999",
    "",
];

/// It writes to whatever file it is told.
const WRITES: &str = "/v1/recording";

pub(super) const CLUSTER: &str = r#"
    nodes = 2
    clock = "manual"
    check_invariants = true
    seed = 7
    [config]
    offsets.topic.num.partitions = 1
    transaction.state.log.num.partitions = 1
    [[topics]]
    name = "a"
    partitions = 2
    [[records]]
    topic = "a"
    key = "k"
    value = "v"
    [[offsets]]
    group = "g"
    topic = "a"
    partition = 0
    offset = 0
    [[faults]]
    name = "rule"
    api = "Produce"
    before_apply = { error = "NOT_LEADER_OR_FOLLOWER" }
"#;

pub(super) fn control(bytes: &[u8]) {
    let runtime = Runtime::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build();
    let runtime = runtime.expect("a runtime without sockets");
    runtime.block_on(requests(&mut Choices::new(bytes)));
}

async fn requests(choices: &mut Choices<'_>) {
    let described = Builder::default().toml(CLUSTER);
    let cluster = described
        .and_then(Builder::start_in_memory)
        .expect("it starts");
    for _ in 0..REQUESTS_MAX {
        if choices.are_over() {
            break;
        }
        let (method, path) = line(choices);
        let length = usize::from(choices.byte()) * 4;
        let body = choices.take(length).to_vec();
        if method == "post" && path.starts_with(WRITES) {
            continue;
        }
        let asked = ask(cluster.shared(), (&method, &path), body);
        // Who waits for what does not come, waits for an hour that nobody waits for.
        let answered = timeout(Duration::from_secs(3600), asked).await;
        if let Ok(Some((status, said))) = answered {
            let said = String::from_utf8_lossy(&said);
            assert!(status.as_u16() != 500, "{method} {path}: {status} {said}");
        }
    }
}

/// A method and a path: of those that are served, or any.
fn line(choices: &mut Choices<'_>) -> (String, String) {
    let all = served();
    let Some((method, path)) = all.get(choices.below(256)) else {
        let method = choices.pick(&["get", "post", "put", "delete", "patch"]);
        let path = String::from_utf8_lossy(choices.piece()).into_owned();
        return (method.to_owned(), format!("/{path}"));
    };
    let mut filled = String::new();
    for part in path.split('/').skip(1) {
        filled.push('/');
        filled.push_str(if part.starts_with('{') {
            choices.pick(NAMES)
        } else {
            part
        });
    }
    let query = choices.piece();
    if !query.is_empty() {
        filled.push('?');
        filled.push_str(&String::from_utf8_lossy(query));
    }
    (method.to_string(), filled)
}
