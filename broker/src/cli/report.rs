//! `fauxka report`: what the report of a failed test ends with.

use serde_json::Value as Json;

/// The rules that broke their expectations, then the seed, all rules and the end of the journal.
pub(super) fn text(report: &Json) -> String {
    let lines = |name: &str, indent: &str| {
        let lines = report.get(name).and_then(Json::as_array).into_iter();
        let lines = lines.flatten().filter_map(Json::as_str);
        lines
            .map(|line| format!("{indent}{line}\n"))
            .collect::<String>()
    };
    let seed = report
        .get("seed")
        .and_then(Json::as_u64)
        .unwrap_or_default();
    let mut text = format!("{}seed {seed}\n", lines("unmet", ""));
    for (name, title) in [("rules", "rules:"), ("journal", "the journal ends with:")] {
        let lines = lines(name, "  ");
        if !lines.is_empty() {
            text.push_str(&format!("{title}\n{lines}"));
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::text;

    #[test]
    fn what_there_is_has_its_lines() {
        let report = json!({"seed": 7, "unmet": [], "rules": [], "journal": []});
        assert_eq!(text(&report), "seed 7\n");
        let report = json!({"seed": 7, "unmet": ["rule 1: late"], "rules": ["rule 1", "rule 2"], "journal": ["row"]});
        assert_eq!(
            text(&report),
            "rule 1: late\nseed 7\nrules:\n  rule 1\n  rule 2\nthe journal ends with:\n  row\n"
        );
    }
}
