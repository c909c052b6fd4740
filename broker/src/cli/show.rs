//! Answers for people.

use serde_json::Value as Json;

/// A line per field, a table for a list; text as it is.
pub(super) fn human(answer: &Json) -> String {
    let fields = match answer {
        Json::Array(rows) => return table(rows),
        Json::Object(fields) => fields,
        Json::String(text) if !text.is_empty() => return format!("{text}\n"),
        Json::String(_) | Json::Null | Json::Bool(_) | Json::Number(_) => return String::new(),
    };
    let mut text = String::new();
    for (name, value) in fields {
        let is_list = |rows: &&Vec<Json>| rows.iter().all(Json::is_object);
        if let Some(rows) = value.as_array().filter(is_list) {
            text.push_str(&format!("{name}: {}\n{}", rows.len(), table(rows)));
        } else {
            text.push_str(&format!("{name}: {}\n", cell(value)));
        }
    }
    text
}

/// A row of the journal on a line: its number, when, what, and what else it has. Bodies are left to JSON.
pub(super) fn journal_row(row: &Json) -> String {
    let field = |name| row.get(name).map(cell).unwrap_or_default();
    let mut line = format!(
        "{:>6} {:>8} ms  {}",
        field("sequence"),
        field("elapsed_ms"),
        field("kind")
    );
    for (name, value) in row.as_object().into_iter().flatten() {
        let is_shown = match name.as_str() {
            "sequence" | "elapsed_ms" | "wall_ms" | "kind" | "request" | "response" => false,
            _ => !value.is_null() && value.as_array().is_none_or(|list| !list.is_empty()),
        };
        if is_shown {
            let value = value
                .as_str()
                .map_or_else(|| value.to_string(), str::to_owned);
            line.push_str(&format!(" {name}={value}"));
        }
    }
    line.push('\n');
    line
}

/// Rows under the names of their fields; not every row has each.
fn table(rows: &[Json]) -> String {
    let mut names: Vec<&String> = Vec::new();
    let rows: Vec<_> = rows.iter().filter_map(Json::as_object).collect();
    for name in rows.iter().flat_map(|row| row.keys()) {
        if !names.contains(&name) {
            names.push(name);
        }
    }
    if names.is_empty() {
        return String::new();
    }
    let mut lines: Vec<Vec<String>> = vec![names.iter().map(|name| name.to_uppercase()).collect()];
    for row in rows {
        let cells = names
            .iter()
            .map(|name| row.get(*name).unwrap_or(&Json::Null));
        lines.push(cells.map(cell).collect());
    }
    aligned(&lines)
}

/// Lines whose columns begin below one another.
fn aligned(lines: &[Vec<String>]) -> String {
    let columns = lines.iter().map(Vec::len).max().unwrap_or_default();
    let width = |column: usize| {
        let cells = lines.iter().filter_map(|line| line.get(column));
        cells
            .map(|cell| cell.chars().count())
            .max()
            .unwrap_or_default()
    };
    let widths: Vec<usize> = (0..columns).map(width).collect();
    let mut text = String::new();
    for line in lines {
        let cells = line.iter().zip(&widths);
        let padded: Vec<_> = cells
            .map(|(cell, width)| format!("{cell:width$}"))
            .collect();
        text.push_str(padded.join("  ").trim_end());
        text.push('\n');
    }
    text
}

/// A value in one word: of a list of objects how many there are.
fn cell(value: &Json) -> String {
    match value {
        Json::Null => "-".to_owned(),
        Json::String(text) => text.clone(),
        Json::Array(list) if list.is_empty() => "-".to_owned(),
        Json::Array(list) if list.iter().all(Json::is_object) => list.len().to_string(),
        Json::Array(list) => list.iter().map(cell).collect::<Vec<_>>().join(","),
        Json::Bool(_) | Json::Number(_) | Json::Object(_) => value.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn answers_are_for_people() {
        let answer =
            json!({ "id": "x", "nodes": [{ "id": 1, "up": true }, { "id": 12, "up": false }] });
        let expected = "id: x\nnodes: 2\nID  UP\n1   true\n12  false\n";
        assert_eq!(human(&answer), expected);
        assert_eq!(human(&json!([])), "");
        assert_eq!(human(&json!("")), "");
        assert_eq!(human(&json!("a 1\nb 2")), "a 1\nb 2\n");
    }

    #[test]
    fn tables_have_a_column_for_every_field() {
        let rows = json!([{ "a": [2, 1], "c": [{}, {}] }, { "a": [], "b": null, "c": [{}] }]);
        assert_eq!(human(&rows), "A    C  B\n2,1  2  -\n-    1  -\n");
    }

    #[test]
    fn rows_of_the_journal_are_lines() {
        let row = json!({
            "sequence": 7, "elapsed_ms": 12, "wall_ms": 1, "kind": "request", "api": "Fetch",
            "topics": [{ "topic": "t" }], "errors": [], "request": { "maxWaitMs": 5 },
        });
        let expected = "     7       12 ms  request api=Fetch topics=[{\"topic\":\"t\"}]\n";
        assert_eq!(journal_row(&row), expected);
    }
}
