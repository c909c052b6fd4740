//! `fauxka cluster`: the cluster in short.

use serde_json::Value as Json;

use super::show::{human, size};

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
        let log = format!("{} of {} ({percent} %)", size(held), size(most));
        fields.insert("log".to_owned(), log.into());
    }
    // The table comes last.
    if let Some(nodes) = fields.shift_remove("nodes") {
        fields.insert("nodes".to_owned(), nodes);
    }
    human(&cluster)
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
    }
}
