//! Answers for people.

use std::time::{Duration, UNIX_EPOCH};

use serde_json::Value as Json;

/// Fields that are times of day, in milliseconds since 1970.
const TIMES: &[&str] = &[
    "committed_ms",
    "last_timestamp",
    "max_timestamp",
    "not_after_ms",
    "started_ms",
    "taken_at_ms",
    "timestamp",
    "wall_ms",
];

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
            text.push_str(&format!("{}: {}\n", title(name), field(name, value)));
        }
    }
    text
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
    let titles = names.iter().map(|name| title(name).to_uppercase());
    let mut lines: Vec<Vec<String>> = vec![titles.collect()];
    for row in rows {
        let cells = names
            .iter()
            .map(|name| field(name, row.get(*name).unwrap_or(&Json::Null)));
        lines.push(cells.collect());
    }
    aligned(&lines)
}

/// What a field is called where its value is a time of day and no number of milliseconds.
fn title(name: &str) -> &str {
    if TIMES.contains(&name) {
        name.trim_end_matches("_ms")
    } else {
        name
    }
}

fn field(name: &str, value: &Json) -> String {
    if TIMES.contains(&name) && value.is_i64() {
        time(value)
    } else {
        cell(value)
    }
}

/// Milliseconds since 1970 as RFC 3339 has them.
pub(super) fn time(value: &Json) -> String {
    let millis = value.as_u64().map(Duration::from_millis);
    let time = millis.and_then(|millis| UNIX_EPOCH.checked_add(millis));
    // Beyond the year 9999 there is no such form.
    time.filter(|time| *time < UNIX_EPOCH + Duration::from_secs(253_402_300_800))
        .map_or_else(
            || "-".to_owned(),
            |time| humantime::format_rfc3339_millis(time).to_string(),
        )
}

/// A number of bytes in the largest unit of which there is one.
pub(super) fn size(bytes: u64) -> String {
    let units = ["B", "KiB", "MiB", "GiB", "TiB"];
    let (mut unit, mut factor) = ("B", 1_u64);
    for (at, next) in (0_u32..).zip(units) {
        let one = 1024_u64.saturating_pow(at);
        if bytes >= one {
            (unit, factor) = (next, one);
        }
    }
    let tenths = u128::from(bytes).saturating_mul(10) / u128::from(factor);
    match tenths % 10 {
        0 => format!("{} {unit}", tenths / 10),
        part => format!("{}.{part} {unit}", tenths / 10),
    }
}

/// Lines whose columns begin below one another.
pub(super) fn aligned(lines: &[Vec<String>]) -> String {
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
        Json::Array(list) if list.iter().all(|one| partitions(one).is_some()) => {
            let topics: Vec<String> = list.iter().filter_map(partitions).collect();
            topics.join(" ")
        }
        Json::Array(list) if list.iter().all(Json::is_object) => list.len().to_string(),
        Json::Array(list) => list.iter().map(cell).collect::<Vec<_>>().join(","),
        Json::Bool(_) | Json::Number(_) | Json::Object(_) => value.to_string(),
    }
}

/// `orders[0,1]` of a topic with the numbers of its partitions; its name alone where there are none.
pub(super) fn partitions(topic: &Json) -> Option<String> {
    let name = topic.get("topic")?.as_str()?;
    let partitions = topic.get("partitions")?.as_array()?;
    let numbers: Option<Vec<String>> = partitions
        .iter()
        .map(|one| one.as_i64().map(|one| one.to_string()))
        .collect();
    let numbers = numbers?;
    if numbers.is_empty() {
        return Some(name.to_owned());
    }
    Some(format!("{name}[{}]", numbers.join(",")))
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
    fn partitions_and_times_are_written_out() {
        let rows = json!([
            { "assignment": [{ "topic": "t", "partitions": [0, 1] }, { "topic": "u", "partitions": [] }],
              "committed_ms": 0 },
            { "assignment": [], "committed_ms": -1 },
        ]);
        let expected =
            "ASSIGNMENT  COMMITTED\nt[0,1] u    1970-01-01T00:00:00.000Z\n-           -\n";
        assert_eq!(human(&rows), expected);
        assert_eq!(time(&json!(u64::MAX)), "-");
    }

    #[test]
    fn sizes_have_units() {
        for (bytes, expected) in [
            (0, "0 B"),
            (1023, "1023 B"),
            (1536, "1.5 KiB"),
            (1 << 30, "1 GiB"),
        ] {
            assert_eq!(size(bytes), expected);
        }
    }
}
