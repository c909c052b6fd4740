//! `fauxka cluster`: the cluster in short.

use serde_json::Value as Json;

use super::show::{human, size};

/// What becomes of a cluster whose logs are full, and what to do.
const FULL: &str = ", full: producers get KAFKA_STORAGE_ERROR until you raise --max-log-bytes, lower \
                    retention.bytes and segment.bytes of topics, or delete some";

/// A line for each thing, and a table of nodes.
pub(super) fn text(cluster: &Json) -> String {
    let mut cluster = cluster.clone();
    let Some(fields) = cluster.as_object_mut() else {
        return human(&cluster);
    };
    let mut bytes = |name| fields.shift_remove(name).and_then(|bytes| bytes.as_u64());
    let (held, most) = (bytes("log_bytes"), bytes("log_bytes_max"));
    if let (Some(held), Some(most)) = (held, most) {
        let percent = u128::from(held).saturating_mul(100) / u128::from(most.max(1));
        let full = if held < most { "" } else { FULL };
        let log = format!("{} of {} ({percent} %{full})", size(held), size(most));
        fields.insert("log".to_owned(), log.into());
    }
    // The table comes last.
    if let Some(mut nodes) = fields.shift_remove("nodes") {
        show_listeners(&mut nodes);
        fields.insert("nodes".to_owned(), nodes);
    }
    human(&cluster)
}

/// A cell with the nodes' listeners, unless each node has one, whose address is there already.
fn show_listeners(nodes: &mut Json) {
    let nodes = nodes.as_array_mut().into_iter().flatten();
    let mut nodes: Vec<_> = nodes.filter_map(Json::as_object_mut).collect();
    let listeners =
        |node: &serde_json::Map<String, Json>| node.get("listeners")?.as_array().cloned();
    let has_one = |node: &&mut serde_json::Map<String, Json>| {
        listeners(node).is_none_or(|listeners| listeners.len() <= 1)
    };
    let is_plain = nodes.iter().all(has_one);
    for node in &mut nodes {
        let Some(all) = listeners(node) else {
            continue;
        };
        if is_plain {
            node.shift_remove("listeners");
            continue;
        }
        let shown = all.iter().map(|listener| {
            let text = |name| listener.get(name).and_then(Json::as_str);
            let text = |name| text(name).unwrap_or_default();
            format!("{}://{}", text("name"), text("address"))
        });
        let shown: Vec<_> = shown.collect();
        node.insert("listeners".to_owned(), shown.join(",").into());
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::text;

    #[test]
    fn the_log_is_so_full() {
        let cluster = json!({
            "id": "x", "nodes": [{ "id": 1, "address": "h:1" }], "seed": 7,
            "log_bytes": 1_572_864, "log_bytes_max": 1 << 30,
        });
        let expected =
            "id: x\nseed: 7\nlog: 1.5 MiB of 1 GiB (0 %)\nnodes: 1\nID  ADDRESS\n1   h:1\n";
        assert_eq!(text(&cluster), expected);
        let shown = text(&json!({ "log_bytes": 1 << 20, "log_bytes_max": 1 << 20 }));
        assert!(
            shown.starts_with("log: 1 MiB of 1 MiB (100 %, full: "),
            "{shown}"
        );
    }

    #[test]
    fn nodes_have_their_listeners_if_there_are_several() {
        let one = json!({ "name": "A", "protocol": "PLAINTEXT", "address": "h:1" });
        let two = json!({ "name": "B", "protocol": "SSL", "address": "h:2" });
        let nodes =
            |listeners| json!({ "nodes": [{ "id": 1, "address": "h:1", "listeners": listeners }] });
        let shown = text(&nodes(json!([one])));
        assert_eq!(shown, "nodes: 1\nID  ADDRESS\n1   h:1\n");
        let shown = text(&nodes(json!([one, two])));
        assert_eq!(
            shown,
            "nodes: 1\nID  ADDRESS  LISTENERS\n1   h:1      A://h:1,B://h:2\n"
        );
    }
}
